using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = f(x) with dx = g(x or y, dy): an op made of two small structs, the function and its gradient.</summary>
/// <typeparam name="TFunction">f.</typeparam>
/// <typeparam name="TGradient">g; its first argument is x, or y where <see cref="GradientReadsOutput"/>.</typeparam>
public abstract class Elementwise<TFunction, TGradient> : Op, IFollowsProduct
    where TFunction : struct, IUnary<TFunction>
    where TGradient : struct, IBinary<TGradient>
{
    bool IFollowsProduct.StoresProduct => true;

    /// <summary>Whether the gradient is a function of the result rather than of the operand.</summary>
    protected virtual bool GradientReadsOutput => false;

    /// <inheritdoc/>
    public sealed override bool IsCheap => true;

    /// <inheritdoc/>
    public override string OperandName(int index) => "x";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 1);
        s.Output(s[0], s.RequireFloating());
    }

    /// <inheritdoc/>
    public sealed override void Forward(in ForwardContext c) => c.Backend.Map<TFunction>(c[0], Into(c.Y));

    bool IFollowsProduct.CanFollow(Node node, int index) => true;

    void IFollowsProduct.ForwardAfter(IProduct product, in ForwardContext its, in ForwardContext own, int index) =>
        product.ForwardMapping<TFunction>(its, own.Y);

    /// <inheritdoc/>
    public override Reads Reads(int operand) => GradientReadsOutput ? AutogradCore.Reads.Output() : AutogradCore.Reads.Operand(0);

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination dx)) c.Backend.Zip<TGradient>(GradientReadsOutput ? c.Output() : c[0], c.Dy, dx);
    }
}
