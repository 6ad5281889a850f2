using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What every rung of the matrix product is given: C = Σ A·B + bias + residual, y = f(C), r = Σ A over K.
/// A:[batch,M,K]  B:[batch,K,N]  C, residual, y:[batch,M,N]  bias:[N]  r:[M]</summary>
internal struct GemmArguments<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The most terms of one launch.</summary>
    public const int MaxTerms = 8;

    public GemmFactors<T> Term0, Term1, Term2, Term3, Term4, Term5, Term6, Term7;
    public GemmTarget<T> Target;
    public ArrayView<T> RowSums;

    /// <summary>From the number of a batch to where its matrix starts.</summary>
    public Walk WalkA, WalkB;

    public int Batches, Terms, HasRowSums, RowSumsAdd;

    /// <summary>A term by its number, written out: kernels cannot index fields.</summary>
    public readonly GemmFactors<T> Term(int i) =>
        i == 0 ? Term0 : i == 1 ? Term1 : i == 2 ? Term2 : i == 3 ? Term3
        : i == 4 ? Term4 : i == 5 ? Term5 : i == 6 ? Term6 : Term7;

    /// <summary>Sets a term by its number, on the host.</summary>
    public void SetTerm(int i, in GemmFactors<T> term)
    {
        switch (i)
        {
            case 0: Term0 = term; break;
            case 1: Term1 = term; break;
            case 2: Term2 = term; break;
            case 3: Term3 = term; break;
            case 4: Term4 = term; break;
            case 5: Term5 = term; break;
            case 6: Term6 = term; break;
            default: Term7 = term; break;
        }
    }
}
