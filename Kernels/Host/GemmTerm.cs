namespace AutogradCore.Kernels.Host;

/// <summary>One product op(A)·op(B).  op(A):[M,K]  op(B):[K,N]; transposed means stored as [K,M] or [N,K].</summary>
/// <param name="a">First element of A as stored.</param>
/// <param name="lda">Elements from a stored row of A to the next.</param>
/// <param name="transposeA">A is stored [K,M].</param>
/// <param name="b">First element of B as stored.</param>
/// <param name="ldb">Elements from a stored row of B to the next.</param>
/// <param name="transposeB">B is stored [N,K].</param>
/// <param name="k">Length of the sum.</param>
/// <param name="panels">op(B) packed whole, or null: see <see cref="GemmCore{T, TTile}.Pack"/>.</param>
/// <param name="panelsN">Columns of op(B) in the panels.</param>
internal readonly unsafe struct GemmTerm<T>(
    T* a, int lda, bool transposeA, T* b, int ldb, bool transposeB, int k, T* panels = null, int panelsN = 0)
    where T : unmanaged
{
    /// <summary>First element of A as stored.</summary>
    public readonly T* A = a;

    /// <summary>First element of B as stored.</summary>
    public readonly T* B = b;

    /// <summary>Elements from a stored row of A to the next.</summary>
    public readonly int Lda = lda;

    /// <summary>Elements from a stored row of B to the next.</summary>
    public readonly int Ldb = ldb;

    /// <summary>Length of the sum.</summary>
    public readonly int K = k;

    /// <summary>A is stored [K,M].</summary>
    public readonly bool TransposeA = transposeA;

    /// <summary>B is stored [N,K].</summary>
    public readonly bool TransposeB = transposeB;

    /// <summary>op(B) packed whole; null when it is not.</summary>
    public readonly T* Panels = panels;

    /// <summary>Columns of op(B) in the panels.</summary>
    public readonly int PanelsN = panelsN;

    /// <summary>Elements from a row of op(A) to the next.</summary>
    public nint RowStepA => TransposeA ? 1 : Lda;

    /// <summary>Elements from a k of op(A) to the next.</summary>
    public nint StepA => TransposeA ? Lda : 1;

    /// <summary>Where op(A)[i,k] is.</summary>
    public T* AtA(int i, int k) => A + (i * RowStepA) + (k * StepA);

    /// <summary>Where op(B)[k,j] is.</summary>
    public T* AtB(int k, int j) => TransposeB ? B + ((nint)j * Ldb) + k : B + ((nint)k * Ldb) + j;

    /// <summary>The same product, with op(B):[K,<paramref name="n"/>] packed.</summary>
    public GemmTerm<T> WithPanels(T* packed, int n) => new(A, Lda, TransposeA, B, Ldb, TransposeB, K, packed, n);

    /// <summary>op(B)ᵀ·op(A)ᵀ.</summary>
    public GemmTerm<T> Transposed() => new(B, Ldb, !TransposeB, A, Lda, !TransposeA, K);

    /// <summary>The same product on operands shifted by whole matrices, for batches.</summary>
    public GemmTerm<T> Shift(nint offsetA, nint offsetB) => new(A + offsetA, Lda, TransposeA, B + offsetB, Ldb, TransposeB, K);
}
