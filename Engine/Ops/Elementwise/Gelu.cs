using System.Numerics;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <summary>y = x·Φ(x), Φ(x) = (1 + erf(x/√2))/2;  dx = dy ⊙ (Φ(x) + x·φ(x)), φ(x) = exp(-x²/2)/√(2π)</summary>
/// <remarks>Hendrycks &amp; Gimpel 2016, exact form.</remarks>
public sealed class Gelu : Elementwise<Gelu.Function, Gelu.Rule>
{
    private const double SqrtHalf = 0.70710678118654752440, InverseSqrtTwoPi = 0.39894228040143267794;

    /// <summary>The op; it has no settings.</summary>
    public static Gelu Instance { get; } = new();

    /// <summary>x·Φ(x)</summary>
    public readonly struct Function : IUnary<Function>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x) where T : unmanaged, IFloatingPointIeee754<T> => x * Cdf(x);

        /// <inheritdoc/>
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x) where T : unmanaged, IFloatingPointIeee754<T> => x * Cdf(x);
    }

    /// <summary>dy ⊙ (Φ(x) + x·φ(x))</summary>
    public readonly struct Rule : IBinary<Rule>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x, T dy) where T : unmanaged, IFloatingPointIeee754<T> =>
            dy * (Cdf(x) + x * T.Exp(x * x * T.CreateTruncating(-0.5)) * T.CreateTruncating(InverseSqrtTwoPi));

        /// <inheritdoc/>
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x, Vector512<T> dy) where T : unmanaged, IFloatingPointIeee754<T> =>
            dy * (Cdf(x) + x * VectorMath.Exp(x * x * T.CreateTruncating(-0.5)) * T.CreateTruncating(InverseSqrtTwoPi));
    }

    private static T Cdf<T>(T x) where T : unmanaged, IFloatingPointIeee754<T> =>
        T.CreateTruncating(0.5) * (T.One + T.CreateTruncating(ScalarMath.Erf(double.CreateTruncating(x) * SqrtHalf)));

    private static Vector512<T> Cdf<T>(Vector512<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        (Vector512<T>.One + VectorMath.Erf(x * T.CreateTruncating(SqrtHalf))) * T.CreateTruncating(0.5);
}

public readonly partial struct Value
{
    /// <summary>x·Φ(x), elementwise: the exact form by erf, or the usual approximation by tanh.</summary>
    public Value Gelu(bool tanh = false) => tanh ? GeluTanh.Instance.Apply(this) : AutogradCore.Gelu.Instance.Apply(this);
}
