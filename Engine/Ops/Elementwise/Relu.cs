using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <summary>y = max(x, 0);  dx = dy where y &gt; 0, else 0</summary>
public sealed class Relu : Elementwise<Relu.Function, Relu.Rule>
{
    /// <summary>The op; it has no settings.</summary>
    public static Relu Instance { get; } = new();

    /// <inheritdoc/>
    protected override bool GradientReadsOutput => true;

    /// <summary>max(x, 0)</summary>
    public readonly struct Function : IUnary<Function>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x) where T : unmanaged, IFloatingPointIeee754<T> => T.IsNaN(x) || x > T.Zero ? x : T.Zero;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x) where T : unmanaged, IFloatingPointIeee754<T>
            => Vector512.ConditionalSelect(Vector512.LessThanOrEqual(x, Vector512<T>.Zero), Vector512<T>.Zero, x);
    }

    /// <summary>dy where y &gt; 0, else 0</summary>
    public readonly struct Rule : IBinary<Rule>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T y, T dy) where T : unmanaged, IFloatingPointIeee754<T>
            => y > T.Zero ? dy : T.IsNaN(y) ? y : T.Zero;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> y, Vector512<T> dy) where T : unmanaged, IFloatingPointIeee754<T>
            => Vector512.ConditionalSelect(Vector512.GreaterThan(y, Vector512<T>.Zero), dy, y);
    }
}

public readonly partial struct Value
{
    /// <summary>max(x, 0), elementwise.</summary>
    public Value Relu() => AutogradCore.Relu.Instance.Apply(this);
}
