using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = a × b, broadcasting;  da = dy ⊙ b;  db = dy ⊙ a</summary>
public sealed class Multiply : Broadcast
{
    /// <summary>The op; it has no settings.</summary>
    public static Multiply Instance { get; } = new();

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.Zip<Function>(c[0], c[1], Into(c.Y));

    /// <inheritdoc/>
    public override Reads Reads(int operand) => AutogradCore.Reads.Operand(1 - operand);

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination da)) Reduce<Function>(c, c.Dy, c[1], da);
        if (c.Wants(1, out Destination db)) Reduce<Function>(c, c.Dy, c[0], db);
    }

    /// <summary>a × b</summary>
    public readonly struct Function : IBinary<Function>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T a, T b) where T : unmanaged, IFloatingPointIeee754<T> => a * b;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> a, Vector512<T> b)
            where T : unmanaged, IFloatingPointIeee754<T> => a * b;
    }
}

public readonly partial struct Value
{
    /// <summary>a × b, elementwise, broadcasting.</summary>
    public static Value operator *(Value a, Value b) => Multiply.Instance.Apply(a, b);
}
