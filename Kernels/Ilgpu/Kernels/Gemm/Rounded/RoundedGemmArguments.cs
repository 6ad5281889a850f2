namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What products are given whose factors and results need not be of one type: C = Σ A·B + bias, rounded where C is; +
/// residual; y = f(C); r = Σ A over K.  A:[batch,M,K]  B:[batch,K,N]  C, residual, y:[batch,M,N]  bias:[N]  r:[M]</summary>
/// <typeparam name="TFactor">What A and B are stored as: <see cref="BFloat16"/>, or floats that become TF32.</typeparam>
/// <typeparam name="TStored">What C, y and the residual are stored as; bias and row sums are floats.</typeparam>
internal struct RoundedGemmArguments<TFactor, TStored>
    where TFactor : unmanaged
    where TStored : unmanaged
{
    public GemmTerms<TFactor> Factors;
    public RoundedTarget<TStored> Target;
    public ArrayView<float> RowSums;

    /// <summary>From the number of a batch to where its matrix starts.</summary>
    public Walk WalkA, WalkB;

    public int Batches, Terms, RowSumsAdd;
}
