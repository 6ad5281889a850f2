namespace AutogradCore.Kernels.Host;

/// <summary>Where a product goes, and what else is done while its parts are at hand.
/// C:[M,N] row-major, written or added to.</summary>
/// <remarks>Each element gets, in this order: its sums, bias, residual;
/// then y = f(C) and, apart from it, Σ_k op(A) are stored.</remarks>
/// <param name="c">First element.</param>
/// <param name="ldc">Elements from a row to the next.</param>
/// <param name="store">Writes or adds.</param>
/// <param name="bias">[N], or null.</param>
internal readonly unsafe struct GemmTarget<T>(T* c, int ldc, Store store = Store.Write, T* bias = null)
    where T : unmanaged
{
    /// <summary>First element.</summary>
    public readonly T* C = c;

    /// <summary>[N], or null.</summary>
    public readonly T* Bias = bias;

    /// <summary>Elements from a row to the next.</summary>
    public readonly int Ldc = ldc;

    /// <summary>Writes or adds.</summary>
    public readonly Store Store = store;

    /// <summary>[M,N] with rows as far apart as C's, or null: added last.</summary>
    public T* Residual { get; init; }

    /// <summary>[M,N] with rows as far apart as C's, or null: gets <see cref="Map"/> of C.</summary>
    public T* Mapped { get; init; }

    /// <summary>y = f(C): <see cref="GemmFinish.Map"/> of some f.</summary>
    public delegate*<T*, T*, nint, int, int, void> Map { get; init; }

    /// <summary>[M], or null: gets Σ_k op(A)[i,k], the product with a column of ones.</summary>
    public T* RowSums { get; init; }

    /// <summary>[M] beside <see cref="RowSums"/>: the sums of one term over the blocks of k so far, in double.</summary>
    public double* RowTotals { get; init; }

    /// <summary>Writes or adds <see cref="RowSums"/>.</summary>
    public Store RowStore { get; init; }

    /// <summary>Whether the sums are all that is asked for.</summary>
    public bool IsPlain => Bias == null && Residual == null && Mapped == null && RowSums == null;

    /// <summary>The target of one block of k: where the first block writes, later ones add;
    /// bias and what follows wait for the last. Row sums are stored term by term.</summary>
    public GemmTarget<T> ForBlock(bool first, bool last, bool firstTerm) =>
        new(C, Ldc, first ? Store : Store.Add, last ? Bias : null)
        {
            Residual = last ? Residual : null,
            Mapped = last ? Mapped : null,
            Map = Map,
            RowSums = RowSums,
            RowTotals = RowTotals,
            RowStore = firstTerm ? RowStore : Store.Add,
        };

    /// <summary>The target of another matrix of a batch.</summary>
    public GemmTarget<T> Shift(nint offset) =>
        new(C + offset, Ldc, Store, Bias)
        {
            Residual = Residual == null ? null : Residual + offset,
            Mapped = Mapped == null ? null : Mapped + offset,
            Map = Map,
        };

    /// <summary>Residual and y = f(C) for rows of C that have their sums and bias.</summary>
    public void Finish(T* at, int rows, int columns)
    {
        nint from = (nint)(at - C);
        if (Residual != null)
            GemmFinish.Add(at, Residual + from, Ldc, rows, columns);
        if (Mapped != null)
            Map(at, Mapped + from, Ldc, rows, columns);
    }
}
