namespace AutogradCore;

/// <summary>An op that ends in a matrix product: the graph may let it finish the op that reads its result while
/// that is at hand.</summary>
/// <remarks>Fused or not, the bits are the same; gradients and declared reads are untouched.</remarks>
internal interface IProduct
{
    /// <summary>y = result + residual; the result itself is not stored.</summary>
    void ForwardAdding(in ForwardContext c, in View residual, in View y);

    /// <summary>Stores the result, and y = f(result).</summary>
    void ForwardMapping<TFunction>(in ForwardContext c, in View y) where TFunction : struct, IUnary<TFunction>;
}

/// <summary>An op that can be computed as the end of the product it reads.</summary>
internal interface IFollowsProduct
{
    /// <summary>Whether the product's own result has to be stored as well.</summary>
    bool StoresProduct { get; }

    /// <summary>Whether operand <paramref name="index"/> of <paramref name="node"/> may be a product that this op ends.</summary>
    bool CanFollow(Node node, int index);

    /// <summary>Computes the product, and this op's output from it.</summary>
    /// <param name="product">The product.</param>
    /// <param name="its">What the product works with.</param>
    /// <param name="own">What this op works with.</param>
    /// <param name="index">The operand that is the product.</param>
    void ForwardAfter(IProduct product, in ForwardContext its, in ForwardContext own, int index);
}
