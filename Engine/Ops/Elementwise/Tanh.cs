using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <summary>y = tanh x;  dx = dy ⊙ (1 - y²)</summary>
public sealed class Tanh : Elementwise<Tanh.Function, Tanh.Rule>
{
    /// <summary>The op; it has no settings.</summary>
    public static Tanh Instance { get; } = new();

    /// <inheritdoc/>
    protected override bool GradientReadsOutput => true;

    /// <summary>tanh x</summary>
    public readonly struct Function : IUnary<Function>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x) where T : unmanaged, IFloatingPointIeee754<T> => T.Tanh(x);

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x)
            where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Tanh(x);
    }

    /// <summary>dy ⊙ (1 - y²)</summary>
    public readonly struct Rule : IBinary<Rule>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T y, T dy) where T : unmanaged, IFloatingPointIeee754<T> => dy * (T.One - y * y);

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> y, Vector512<T> dy) where T : unmanaged, IFloatingPointIeee754<T>
            => dy * (Vector512<T>.One - y * y);
    }
}

public readonly partial struct Value
{
    /// <summary>tanh x, elementwise.</summary>
    public Value Tanh() => AutogradCore.Tanh.Instance.Apply(this);
}
