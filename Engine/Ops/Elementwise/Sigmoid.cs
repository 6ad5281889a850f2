using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <summary>y = 1 / (1 + exp(-x));  dx = dy ⊙ y ⊙ (1 - y)</summary>
public sealed class Sigmoid : Elementwise<Sigmoid.Function, Sigmoid.Rule>
{
    /// <summary>The op; it has no settings.</summary>
    public static Sigmoid Instance { get; } = new();

    /// <inheritdoc/>
    protected override bool GradientReadsOutput => true;

    /// <summary>1 / (1 + exp(-x))</summary>
    public readonly struct Function : IUnary<Function>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x) where T : unmanaged, IFloatingPointIeee754<T> => T.One / (T.One + T.Exp(-x));

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x) where T : unmanaged, IFloatingPointIeee754<T>
            => VectorMath.Sigmoid(x);
    }

    /// <summary>dy ⊙ y ⊙ (1 - y)</summary>
    public readonly struct Rule : IBinary<Rule>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T y, T dy) where T : unmanaged, IFloatingPointIeee754<T> => dy * y * (T.One - y);

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> y, Vector512<T> dy) where T : unmanaged, IFloatingPointIeee754<T>
            => dy * y * (Vector512<T>.One - y);
    }
}

public readonly partial struct Value
{
    /// <summary>1 / (1 + exp(-x)), elementwise.</summary>
    public Value Sigmoid() => AutogradCore.Sigmoid.Instance.Apply(this);
}
