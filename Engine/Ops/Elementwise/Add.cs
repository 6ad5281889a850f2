using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = a + b, broadcasting;  da = dy;  db = dy</summary>
public sealed class Add : Broadcast, IFollowsProduct
{
    /// <summary>The op; it has no settings.</summary>
    public static Add Instance { get; } = new();

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.Zip<Function>(c[0], c[1], Into(c.Y));

    bool IFollowsProduct.StoresProduct => false;

    bool IFollowsProduct.CanFollow(Node node, int index) => node.Operands[0].Shape == node.Operands[1].Shape;

    void IFollowsProduct.ForwardAfter(IProduct product, in ForwardContext its, in ForwardContext own, int index) =>
        product.ForwardAdding(its, own[1 - index], own.Y);

    /// <inheritdoc/>
    public override bool PassesGradient(int operand) => true;

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination da)) Reduce(c.Backend, c.Dy, da);
        if (c.Wants(1, out Destination db)) Reduce(c.Backend, c.Dy, db);
    }

    /// <summary>a + b</summary>
    public readonly struct Function : IBinary<Function>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T a, T b) where T : unmanaged, IFloatingPointIeee754<T> => a + b;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<T> ApplyLanes<T>(Vector512<T> a, Vector512<T> b)
            where T : unmanaged, IFloatingPointIeee754<T> => a + b;
    }
}

public readonly partial struct Value
{
    /// <summary>a + b, elementwise, broadcasting.</summary>
    public static Value operator +(Value a, Value b) => Add.Instance.Apply(a, b);
}
