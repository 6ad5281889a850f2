namespace AutogradCore.Kernels.Simt;

/// <summary>Holds the launching thread on the core of the machine's own threads while a kernel runs: threads hand over some three
/// times faster within a core than across.</summary>
internal readonly ref struct LaneCore
{
    private readonly int[]? _before;

    /// <param name="core">Null where threads cannot be pinned.</param>
    public LaneCore(int? core)
    {
        if (core is not { } own) return;
        _before = CoreAffinity.Cores();
        CoreAffinity.SetOwn([own]);
    }

    public void Dispose()
    {
        if (_before is not null) CoreAffinity.SetOwn(_before);
    }
}
