using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <summary>y = x ⊙ σ(x);  dx = dy ⊙ σ(x) ⊙ (1 + x ⊙ (1 - σ(x)))</summary>
public sealed class Silu : Elementwise<Silu.Function, Silu.Rule>
{
    /// <summary>Where the tails have vanished; a bound keeps infinity times 0 away, so that limits are reached.</summary>
    private const double Far = 800;

    /// <summary>The op; it has no settings.</summary>
    public static Silu Instance { get; } = new();

    /// <summary>x ⊙ σ(x)</summary>
    public readonly struct Function : IUnary<Function>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x) where T : unmanaged, IFloatingPointIeee754<T>
            => T.Max(x, T.CreateTruncating(-Far)) / (T.One + T.Exp(-x));

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x) where T : unmanaged, IFloatingPointIeee754<T>
            => VectorMath.AtLeast(x, Vector512.Create(T.CreateTruncating(-Far))) * VectorMath.Sigmoid(x);
    }

    /// <summary>dy ⊙ σ(x) ⊙ (1 + x ⊙ (1 - σ(x)))</summary>
    public readonly struct Rule : IBinary<Rule>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x, T dy) where T : unmanaged, IFloatingPointIeee754<T>
        {
            T near = T.Clamp(x, T.CreateTruncating(-Far), T.CreateTruncating(Far)), s = Sigmoid.Function.Apply(x);
            return dy * s * (T.One + near * (T.One - s));
        }

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x, Vector512<T> dy) where T : unmanaged, IFloatingPointIeee754<T>
        {
            Vector512<T> far = Vector512.Create(T.CreateTruncating(Far)), one = Vector512<T>.One, s = VectorMath.Sigmoid(x);
            return dy * s * VectorMath.MultiplyAdd(VectorMath.AtMost(VectorMath.AtLeast(x, -far), far), one - s, one);
        }
    }
}

public readonly partial struct Value
{
    /// <summary>x ⊙ σ(x), elementwise.</summary>
    public Value Silu() => AutogradCore.Silu.Instance.Apply(this);
}
