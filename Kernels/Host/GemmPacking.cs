namespace AutogradCore.Kernels.Host;

/// <summary>Packs a matrix whole, some panels in each part.</summary>
internal readonly unsafe struct GemmPacking<T>(SimdLevel level, GemmTerm<T> term, int n, T* panels, int parts) : IParallelBody
    where T : unmanaged
{
    /// <inheritdoc/>
    public void Run(int part)
    {
        long count = GemmLevel.Panels<T>(level, n);
        GemmLevel.Pack(level, term, n, panels, (int)(count * part / parts), (int)(count * (part + 1) / parts));
    }
}
