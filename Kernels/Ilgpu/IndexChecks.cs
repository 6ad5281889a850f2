namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Indices that only the device has seen: kernels leave the first one outside its table here, and the next wait
/// throws.</summary>
/// <remarks>One slot per queued verb, each the smallest (position, index) seen, packed so that the smaller position
/// wins.</remarks>
internal sealed unsafe class IndexChecks(LaunchDevice device) : IDisposable
{
    private const int Slots = 64;

    private readonly List<Func<int, int, IndexRangeException>> _pending = [];
    private nint _block;

    /// <summary>A slot for one verb, to be given to its kernel.</summary>
    /// <param name="error">The error for a position and the index found there.</param>
    public ArrayView<long> Next(Func<int, int, IndexRangeException> error)
    {
        if (_pending.Count == Slots) Verify();
        if (_block == 0)
        {
            _block = device.Allocate(Slots * sizeof(long));
            Clear();
        }
        _pending.Add(error);
        return device.View<long>(_block, _pending.Count - 1, 1);
    }

    /// <summary>Waits for the device where a verb was queued that checks indices.</summary>
    /// <exception cref="IndexRangeException">An index was outside its table.</exception>
    public void Verify()
    {
        if (_pending.Count == 0) return;
        Func<int, int, IndexRangeException>[] pending = [.. _pending];
        long* found = stackalloc long[pending.Length];
        device.Download(_block, 0, found, pending.Length * sizeof(long));
        _pending.Clear();
        for (int i = 0; i < pending.Length; i++)
        {
            if (found[i] == long.MaxValue) continue;
            Clear();
            throw pending[i]((int)(found[i] >> 32), (int)found[i]);
        }
    }

    public void Dispose()
    {
        if (_block != 0) device.Free(_block);
    }

    /// <summary>For kernels: a position and its index as one number, smaller for the smaller position.</summary>
    public static long Pack(int position, int index) => ((long)position << 32) | (uint)index;

    /// <summary>For kernels: whether the check before found nothing, so that results may be written.</summary>
    public static bool AllRight(ArrayView<long> slot) => slot[0] == long.MaxValue;

    private void Clear()
    {
        long* none = stackalloc long[Slots];
        new Span<long>(none, Slots).Fill(long.MaxValue);
        device.Upload(none, _block, 0, Slots * sizeof(long));
    }
}
