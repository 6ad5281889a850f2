namespace AutogradCore.Kernels.Host;

/// <summary>Matrix products on the threads of one pool: single, summed over terms, and batched.  T = float or double.</summary>
/// <remarks>
/// Threads split rows or columns, never the sum; see <see cref="GemmCore{T, TTile}"/> for the law that makes every result
/// independent of the thread count and the vector width. One caller at a time, like the pool.
/// </remarks>
internal sealed unsafe class Gemm : IDisposable
{
    /// <summary>Below this many multiply-adds waking a thread costs more than it brings.</summary>
    private const long WorthSharing = 1 << 18;

    private readonly WorkerPool _pool;
    private readonly ScratchSet _scratch;

    /// <summary>Products on <paramref name="pool"/>, which stays the caller's; a level below the best is for tests.</summary>
    public Gemm(WorkerPool pool, SimdLevel? level = null)
    {
        _pool = pool;
        _scratch = new ScratchSet(pool.Threads);
        Level = level ?? SimdLevels.Best;
    }

    /// <summary>The vector width in use.</summary>
    public SimdLevel Level { get; }

    /// <summary>C = or += op(A)·op(B) (+ bias).  C:[M,N]</summary>
    /// <remarks>A column C:[M,1] is computed as the row that it is in memory, op(B)ᵀ·op(A)ᵀ: a tile has one useful lane in a
    /// column and is full in a row. Bits stay, since a·b = b·a.</remarks>
    public void Multiply<T>(int m, int n, in GemmTerm<T> term, in GemmTarget<T> target)
        where T : unmanaged
    {
        bool asRow = n == 1 && m > 1 && target.IsPlain && target.Ldc == 1;
        GemmTerm<T> own = asRow ? term.Transposed() : term;
        if (asRow) Run(1, m, &own, 1, new GemmTarget<T>(target.C, m, target.Store));
        else Run(m, n, &own, 1, target);
    }

    /// <summary>C = or += Σ_i op(A_i)·op(B_i) (+ bias), the same bits as one call per term in order.  C:[M,N]</summary>
    public void MultiplySum<T>(int m, int n, ReadOnlySpan<GemmTerm<T>> terms, in GemmTarget<T> target)
        where T : unmanaged
    {
        fixed (GemmTerm<T>* first = terms)
            Run(m, n, first, terms.Length, target);
    }

    /// <summary>
    /// C_i = or += op(A_i)·op(B_i) (+ bias) for i &lt; batch; matrix i starts i strides further, stride 0 repeats one matrix.
    /// </summary>
    /// <remarks>Matrices of C must not overlap.</remarks>
    public void MultiplyBatch<T>(
        int batch, int m, int n, in GemmTerm<T> term, long strideA, long strideB, in GemmTarget<T> target, long strideC)
        where T : unmanaged
    {
        long work = (long)m * n * Math.Max(term.K, 1);
        if (batch < _pool.Threads && work >= WorthSharing)
        {
            for (int i = 0; i < batch; i++)
            {
                GemmTarget<T> into = target.Shift((nint)(i * strideC));
                Multiply(m, n, term.Shift((nint)(i * strideA), (nint)(i * strideB)), into);
            }

            return;
        }

        int parts = work * batch < WorthSharing ? 1 : _pool.Threads;
        _pool.Run(parts, new GemmBatch<T>(
            Level, _scratch, term, target, m, n, batch, parts, (nint)strideA, (nint)strideB, (nint)strideC));
    }

    /// <summary>Elements that <see cref="Pack"/> fills for op(B):[K,N].</summary>
    public nint PackedElements<T>(int n, int k)
        where T : unmanaged => GemmLevel.PackedElements<T>(Level, n, k);

    /// <summary>Packs op(B):[K,N] whole, to be read by any number of products.</summary>
    public void Pack<T>(in GemmTerm<T> term, int n, T* panels)
        where T : unmanaged
    {
        int parts = (long)n * term.K < WorthSharing ? 1 : _pool.Threads;
        _pool.Run(parts, new GemmPacking<T>(Level, term, n, panels, parts));
    }

    /// <summary>Frees the packing buffers.</summary>
    public void Dispose() => _scratch.Dispose();

    private void Run<T>(int m, int n, GemmTerm<T>* terms, int count, in GemmTarget<T> target)
        where T : unmanaged
    {
        long k = 1;
        for (int i = 0; i < count; i++)
            k += terms[i].K;
        int parts = (long)m * n * k < WorthSharing ? 1 : _pool.Threads;
        _pool.Run(parts, new GemmSplit<T>(Level, _scratch, terms, count, target, m, n, parts));
    }
}
