using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <summary>y = ln x;  dx = dy / x</summary>
public sealed class Log : Elementwise<Log.Function, Log.Rule>
{
    /// <summary>The op; it has no settings.</summary>
    public static Log Instance { get; } = new();

    /// <summary>ln x</summary>
    public readonly struct Function : IUnary<Function>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x) where T : unmanaged, IFloatingPointIeee754<T> => T.Log(x);

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x)
            where T : unmanaged, IFloatingPointIeee754<T> => VectorMath.Log(x);
    }

    /// <summary>dy / x</summary>
    public readonly struct Rule : IBinary<Rule>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x, T dy) where T : unmanaged, IFloatingPointIeee754<T> => dy / x;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> x, Vector512<T> dy)
            where T : unmanaged, IFloatingPointIeee754<T> => dy / x;
    }
}

public readonly partial struct Value
{
    /// <summary>ln x, elementwise.</summary>
    public Value Log() => AutogradCore.Log.Instance.Apply(this);
}
