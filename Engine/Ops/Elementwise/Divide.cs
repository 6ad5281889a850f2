using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = a ÷ b, broadcasting;  da = dy ÷ b;  db = −dy ⊙ y ÷ b</summary>
public sealed class Divide : Broadcast
{
    /// <summary>The op; it has no settings.</summary>
    public static Divide Instance { get; } = new();

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.Zip<Function>(c[0], c[1], Into(c.Y));

    /// <inheritdoc/>
    public override Reads Reads(int operand) => operand == 0
        ? AutogradCore.Reads.Operand(1)
        : AutogradCore.Reads.Operand(1) | AutogradCore.Reads.Output();

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination da)) Reduce<Function>(c, c.Dy, c[1], da);
        if (!c.Wants(1, out Destination db)) return;
        using Temporary product = c.Scratch(c.OutputShape(), c.DTypeOf(1));
        c.Backend.Zip<Multiply.Function>(c.Dy, c.Output(), Into(product.View));
        c.Backend.Affine(product.View, -1, 0, Into(product.View));
        Reduce<Function>(c, product.View, c[1], db);
    }

    /// <summary>a ÷ b</summary>
    public readonly struct Function : IBinary<Function>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T a, T b) where T : unmanaged, IFloatingPointIeee754<T> => a / b;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> a, Vector512<T> b)
            where T : unmanaged, IFloatingPointIeee754<T> => a / b;
    }
}

public readonly partial struct Value
{
    /// <summary>a ÷ b, elementwise, broadcasting.</summary>
    public static Value operator /(Value a, Value b) => Divide.Instance.Apply(a, b);

    /// <summary>dividend ÷ x, elementwise.</summary>
    public static Value operator /(double dividend, Value x) => x.Graph.Scalar(dividend, x.DType) / x;
}
