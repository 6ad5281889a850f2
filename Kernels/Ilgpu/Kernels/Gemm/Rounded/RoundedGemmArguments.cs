namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What the products of <see cref="BFloat16"/> factors are given: C = Σ A·B + bias, rounded where C is; + residual; y =
/// f(C); r = Σ A over K.  A:[batch,M,K]  B:[batch,K,N]  C, residual, y:[batch,M,N]  bias:[N]  r:[M]</summary>
/// <typeparam name="TStored">What C, y and the residual are stored as; bias and row sums are floats.</typeparam>
internal struct RoundedGemmArguments<TStored> where TStored : unmanaged
{
    public GemmTerms<ushort> Factors;
    public RoundedTarget<TStored> Target;
    public ArrayView<float> RowSums;

    /// <summary>From the number of a batch to where its matrix starts.</summary>
    public Walk WalkA, WalkB;

    public int Batches, Terms, RowSumsAdd;
}
