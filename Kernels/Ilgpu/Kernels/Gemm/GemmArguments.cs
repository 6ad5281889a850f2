using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What every rung of the matrix product is given: C = Σ A·B + bias + residual, y = f(C), r = Σ A over K.
/// A:[batch,M,K]  B:[batch,K,N]  C, residual, y:[batch,M,N]  bias:[N]  r:[M]</summary>
internal struct GemmArguments<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public GemmTerms<T> Factors;
    public GemmTarget<T> Target;
    public ArrayView<T> RowSums;

    /// <summary>From the number of a batch to where its matrix starts.</summary>
    public Walk WalkA, WalkB;

    public int Batches, Terms, HasRowSums, RowSumsAdd;

    /// <summary>A term by its number.</summary>
    public readonly GemmFactors<T> Term(int i) => Factors.Term(i);
}
