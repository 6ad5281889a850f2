using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <summary>y = x·Φ(x), Φ(x) = (1 + erf(x/√2))/2;  dx = dy ⊙ (Φ(x) + x·φ(x)), φ(x) = exp(-x²/2)/√(2π)</summary>
/// <remarks>Hendrycks &amp; Gimpel 2016, exact form.</remarks>
public sealed class Gelu : Elementwise<Gelu.Function, Gelu.Rule>
{
    /// <summary>φ and Φ(-x) vanish long before here; a bound keeps infinity times 0 away, so that limits are reached.</summary>
    private const double Far = 64;

    private const double InverseSqrtTwoPi = 0.39894228040143267794;

    /// <summary>The op; it has no settings.</summary>
    public static Gelu Instance { get; } = new();

    /// <summary>x·Φ(x)</summary>
    /// <remarks>Vectors: max(x, 0) - |x|·Φ(-|x|), which has no cancellation on the left.</remarks>
    public readonly struct Function : IUnary<Function>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x) where T : unmanaged, IFloatingPointIeee754<T> =>
            T.Max(x, T.CreateTruncating(-Far)) * Cdf(x);

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x) where T : unmanaged, IFloatingPointIeee754<T>
        {
            Vector512<T> minus = VectorMath.NormalArgument(x), ratio = VectorMath.NormalTail(minus, out Vector512<T> exponential);
            return VectorMath.MultiplyAdd(minus * ratio, exponential, VectorMath.AtLeast(x, Vector512<T>.Zero));
        }
    }

    /// <summary>dy ⊙ (Φ(x) + x·φ(x))</summary>
    /// <remarks>Vectors: with t = |x| and d = Φ(-t) - t·φ(t), the slope is d on the left and 1 - d on the right.</remarks>
    public readonly struct Rule : IBinary<Rule>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x, T dy) where T : unmanaged, IFloatingPointIeee754<T>
        {
            T near = T.Clamp(x, T.CreateTruncating(-Far), T.CreateTruncating(Far));
            return dy * (Cdf(x) + near * T.Exp(near * near * T.CreateTruncating(-0.5)) * T.CreateTruncating(InverseSqrtTwoPi));
        }

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x, Vector512<T> dy) where T : unmanaged, IFloatingPointIeee754<T>
        {
            Vector512<T> minus = VectorMath.NormalArgument(x), ratio = VectorMath.NormalTail(minus, out Vector512<T> exponential);
            Vector512<T> factor = Vector512.Create(T.CreateTruncating(InverseSqrtTwoPi));
            Vector512<T> left = exponential * VectorMath.MultiplyAdd(minus, factor, ratio);
            return dy * Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<T>.Zero), left, Vector512<T>.One - left);
        }
    }

    private static T Cdf<T>(T x) where T : unmanaged, IFloatingPointIeee754<T> =>
        T.CreateTruncating(ScalarMath.NormalCdf(double.CreateTruncating(x)));
}

public readonly partial struct Value
{
    /// <summary>x·Φ(x), elementwise: the exact form by erf, or the usual approximation by tanh.</summary>
    public Value Gelu(bool tanh = false) => tanh ? GeluTanh.Instance.Apply(this) : AutogradCore.Gelu.Instance.Apply(this);
}
