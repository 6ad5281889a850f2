using System.Numerics;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <summary>y = x ⊙ σ(x);  dx = dy ⊙ σ(x) ⊙ (1 + x ⊙ (1 - σ(x)))</summary>
public sealed class Silu : Elementwise<Silu.Function, Silu.Rule>
{
    /// <summary>The op; it has no settings.</summary>
    public static Silu Instance { get; } = new();

    /// <summary>x ⊙ σ(x)</summary>
    public readonly struct Function : IUnary<Function>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x) where T : unmanaged, IFloatingPointIeee754<T> => x / (T.One + T.Exp(-x));

        /// <inheritdoc/>
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x) where T : unmanaged, IFloatingPointIeee754<T>
            => x * VectorMath.Sigmoid(x);
    }

    /// <summary>dy ⊙ σ(x) ⊙ (1 + x ⊙ (1 - σ(x)))</summary>
    public readonly struct Rule : IBinary<Rule>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x, T dy) where T : unmanaged, IFloatingPointIeee754<T>
            => dy * Sigmoid.Function.Apply(x) * (T.One + x * (T.One - Sigmoid.Function.Apply(x)));

        /// <inheritdoc/>
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x, Vector512<T> dy) where T : unmanaged, IFloatingPointIeee754<T>
            => dy * VectorMath.Sigmoid(x) * (Vector512<T>.One + x * (Vector512<T>.One - VectorMath.Sigmoid(x)));
    }
}

public readonly partial struct Value
{
    /// <summary>x ⊙ σ(x), elementwise.</summary>
    public Value Silu() => AutogradCore.Silu.Instance.Apply(this);
}
