namespace AutogradCore.Kernels.Host;

/// <summary>The innermost GEMM kernel: a tile of C that fits in registers, <see cref="Rows"/> by two vectors.</summary>
internal unsafe interface ITile<T>
    where T : unmanaged
{
    /// <summary>Elements in one vector; a tile is twice as wide.</summary>
    static abstract int Lanes { get; }

    /// <summary>Rows of the largest tile.</summary>
    static abstract int Rows { get; }

    /// <summary>The largest kernel with at most <paramref name="rows"/> rows.</summary>
    static abstract int Fit(int rows);

    /// <summary>C[rows, 2·Lanes] = or += Σ_k A[i,k]·B[k,j], then + bias[j] where given.</summary>
    /// <param name="rows">A value that <see cref="Fit"/> returned.</param>
    /// <param name="k">Length of the sum.</param>
    /// <param name="a">A[0,0]; A[i,k] is at i·rowStep + k·stepA, so packed, plain and transposed A all fit.</param>
    /// <param name="rowStep">Elements from a row of A to the next.</param>
    /// <param name="stepA">Elements from a k of A to the next.</param>
    /// <param name="b">B[0,0]; the columns are contiguous.</param>
    /// <param name="stepB">Elements from a k of B to the next.</param>
    /// <param name="c">C[0,0].</param>
    /// <param name="ldc">Elements from a row of C to the next.</param>
    /// <param name="store">Writes or adds.</param>
    /// <param name="bias">Added to every row at the end, or null.</param>
    static abstract void Run(
        int rows, nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, T* c, nint ldc, Store store, T* bias);

    /// <summary>Whether the level has <see cref="RunPacking"/>.</summary>
    static virtual bool PacksAlong => false;

    /// <summary><see cref="Run"/> for <see cref="Rows"/> rows, which copies B, whose rows are far apart, into a panel as it
    /// goes by: a copy that waits for memory while the sums go on.</summary>
    static virtual void RunPacking(
        nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, T* panel, T* c, nint ldc, Store store, T* bias) =>
        throw new NotSupportedException();

    /// <summary>
    /// <see cref="Run"/> for any number of rows and fewer columns than a tile has, where the level has kernels for that;
    /// else false.
    /// </summary>
    static virtual bool RunNarrow(int rows, nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, TileEdge<T> c) => false;
}
