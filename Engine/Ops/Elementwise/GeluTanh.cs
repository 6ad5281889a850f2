using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <summary>y = x·(1 + tanh u)/2, u = √(2/π)·(x + 0.044715·x³);  dx = dy ⊙ ((1 + t)/2 + x·(1 - t²)·u'/2), t = tanh u</summary>
/// <remarks>Hendrycks &amp; Gimpel 2016, the approximation that GPT-2 uses.</remarks>
public sealed class GeluTanh : Elementwise<GeluTanh.Function, GeluTanh.Rule>
{
    private const double Scale = 0.79788456080286535588, Cubic = 0.044715;

    /// <summary>The tails vanish long before here; a bound keeps infinity times 0 away, so that limits are reached.</summary>
    private const double Far = 64;

    /// <summary>The op; it has no settings.</summary>
    public static GeluTanh Instance { get; } = new();

    /// <summary>x·(1 + tanh u)/2</summary>
    public readonly struct Function : IUnary<Function>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x) where T : unmanaged, IFloatingPointIeee754<T> =>
            T.CreateTruncating(0.5) * T.Max(x, T.CreateTruncating(-Far))
                * (T.One + T.Tanh(T.CreateTruncating(Scale) * (x + T.CreateTruncating(Cubic) * x * x * x)));

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
            VectorMath.AtLeast(x, Vector512.Create(T.CreateTruncating(-Far))) / (Vector512<T>.One + Falling(x));
    }

    /// <summary>dy ⊙ ((1 + t)/2 + x·(1 - t²)·u'/2)</summary>
    public readonly struct Rule : IBinary<Rule>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x, T dy) where T : unmanaged, IFloatingPointIeee754<T>
        {
            x = T.Clamp(x, T.CreateTruncating(-Far), T.CreateTruncating(Far));
            T half = T.CreateTruncating(0.5), scale = T.CreateTruncating(Scale), cubic = T.CreateTruncating(Cubic);
            T t = T.Tanh(scale * (x + cubic * x * x * x));
            T slope = scale * (T.One + T.CreateTruncating(3) * cubic * x * x);
            return dy * half * (T.One + t + x * (T.One - t * t) * slope);
        }

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x, Vector512<T> dy) where T : unmanaged, IFloatingPointIeee754<T>
        {
            Vector512<T> far = Vector512.Create(T.CreateTruncating(Far));
            x = VectorMath.AtMost(VectorMath.AtLeast(x, -far), far);
            Vector512<T> one = Vector512<T>.One, s = one / (one + Falling(x));
            Vector512<T> curve = Vector512.Create(T.CreateTruncating(6 * Scale * Cubic)),
                flat = Vector512.Create(T.CreateTruncating(2 * Scale));
            Vector512<T> slope = VectorMath.MultiplyAdd(x * x, curve, flat);
            return dy * s * VectorMath.MultiplyAdd(x * (one - s), slope, one);
        }
    }

    /// <summary>exp(-2u): (1 + tanh u)/2 is the logistic function 1/(1 + exp(-2u)), which needs no case for small u.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Falling<T>(Vector512<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        VectorMath.Exp(x * VectorMath.MultiplyAdd(
            x * x, Vector512.Create(T.CreateTruncating(-2 * Scale * Cubic)), Vector512.Create(T.CreateTruncating(-2 * Scale))));
}
