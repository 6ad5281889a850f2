namespace AutogradCore.Kernels.Host;

/// <summary>A batch of products, each computed whole by one thread.</summary>
internal readonly unsafe struct GemmBatch<T>(
    SimdLevel level, ScratchSet scratch, GemmTerm<T> term, GemmTarget<T> target,
    int m, int n, int batch, int parts, nint strideA, nint strideB, nint strideC) : IParallelBody
    where T : unmanaged
{
    /// <inheritdoc/>
    public void Run(int part)
    {
        int begin = (int)((long)batch * part / parts), end = (int)((long)batch * (part + 1) / parts);
        Scratch own = scratch.Rent();
        try
        {
            for (int i = begin; i < end; i++)
            {
                GemmTerm<T> shifted = term.Shift(i * strideA, i * strideB);
                GemmTarget<T> into = target.Shift((nint)(i * strideC));
                GemmLevel.Run(level, &shifted, 1, into, 0, m, 0, n, own);
            }
        }
        finally
        {
            scratch.Return(own);
        }
    }
}
