using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <summary>y = exp x;  dx = dy ⊙ y</summary>
public sealed class Exp : Elementwise<Exp.Function, Exp.Rule>
{
    /// <summary>The op; it has no settings.</summary>
    public static Exp Instance { get; } = new();

    /// <inheritdoc/>
    protected override bool GradientReadsOutput => true;

    /// <summary>exp x</summary>
    public readonly struct Function : IUnary<Function>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x) where T : unmanaged, IFloatingPointIeee754<T> => T.Exp(x);

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x)
            where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Exp(x);
    }

    /// <summary>dy ⊙ y</summary>
    public readonly struct Rule : IBinary<Rule>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T y, T dy) where T : unmanaged, IFloatingPointIeee754<T> => y * dy;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> y, Vector512<T> dy)
            where T : unmanaged, IFloatingPointIeee754<T> => y * dy;
    }
}

public readonly partial struct Value
{
    /// <summary>exp x, elementwise.</summary>
    public Value Exp() => AutogradCore.Exp.Instance.Apply(this);
}
