namespace AutogradCore.Kernels.Host;

/// <summary>y[n] = or += table[ids[n]], row by row.  table:[V,C]  y:[N,C]</summary>
internal readonly unsafe struct GatherRows<T>(T* table, int* ids, int length, T* y, bool add) : IRange
    where T : unmanaged
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int n = begin; n < end; n++)
            CopyRange<T>.Row(table + ((nint)ids[n] * length), y + ((nint)n * length), length, add);
    }
}

/// <summary>table[ids[n]] += dy[n] for n ascending, within a range of columns.  dy:[N,C]  table:[V,C]</summary>
/// <remarks>Idea: each thread owns columns, so that rows which share an id are added in order without locks:
/// the reference's bits.</remarks>
internal readonly unsafe struct ScatterColumns<T>(T* dy, int* ids, int count, int length, T* table) : IRange
    where T : unmanaged
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int n = 0; n < count; n++)
            CopyRange<T>.Row(dy + ((nint)n * length) + begin, table + ((nint)ids[n] * length) + begin, end - begin, true);
    }
}
