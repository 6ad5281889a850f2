namespace AutogradCore.Kernels.Host;

/// <summary>One product cut along the longer side of C into equal parts of whole tiles.</summary>
/// <remarks>
/// Of equal sides the columns, where B has to be transposed into panels: each part does so for its own columns only.
/// </remarks>
internal readonly unsafe struct GemmSplit<T>(
    SimdLevel level, ScratchSet scratch, GemmTerm<T>* terms, int count, GemmTarget<T> target, int m, int n, int parts)
    : IParallelBody
    where T : unmanaged
{
    /// <inheritdoc/>
    public void Run(int part)
    {
        bool byRows = m > n || (m == n && !(count > 0 && terms->TransposeB));
        int length = byRows ? m : n;
        int grain = byRows ? 12 : 64;
        int each = (((length + parts - 1) / parts) + grain - 1) / grain * grain;
        int begin = Math.Min(length, part * each), end = Math.Min(length, begin + each);
        if (begin >= end)
            return;
        Scratch own = scratch.Rent();
        try
        {
            if (byRows)
                GemmLevel.Run(level, terms, count, target, begin, end, 0, n, own);
            else
                GemmLevel.Run(level, terms, count, target, 0, m, begin, end, own);
        }
        finally
        {
            scratch.Return(own);
        }
    }
}
