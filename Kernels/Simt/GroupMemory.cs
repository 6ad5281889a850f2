namespace AutogradCore.Kernels.Simt;

/// <summary>The shared memory of a group and the local memory of its lanes, as new for every group.</summary>
internal sealed unsafe class GroupMemory(LaneGroup group) : IDisposable
{
    private readonly List<SimtMemory> _shared = [], _local = [];
    private readonly SimtMemory? _dynamic = group.Shape.SharedBytes > 0 ? Rent(group.Shape.SharedBytes, 2, Space.Shared) : null;

    /// <summary>The <paramref name="number"/>-th allocation of each lane is the same block.</summary>
    public ArrayView<T> Shared<T>(Lane lane, int number, int length) where T : unmanaged
    {
        long bytes = (long)length * sizeof(T);
        if (number == _shared.Count)
        {
            _shared.Add(Rent(bytes, Math.Min(sizeof(T), 4), Space.Shared));
            RequireRoom(lane);
        }
        if (_shared[number].Bytes != bytes)
            throw lane.Fault(SimtFault.Divergence, default,
                $"shared allocation {number} has {bytes} bytes here and {_shared[number].Bytes} in another lane.",
                "allocate shared memory unconditionally, with constant lengths");
        return new(_shared[number], 0, length);
    }

    public ArrayView<T> Dynamic<T>() where T : unmanaged =>
        _dynamic is null ? default : new(_dynamic, 0, _dynamic.Bytes / sizeof(T));

    public ArrayView<T> Local<T>(int length) where T : unmanaged
    {
        SimtMemory memory = Rent((long)length * sizeof(T), Math.Min(sizeof(T), 4), Space.Local);
        _local.Add(memory);
        return new(memory, 0, length);
    }

    public void Reset()
    {
        foreach (SimtMemory memory in _shared) memory.Forget();
        _dynamic?.Forget();
        FreeLocal();
    }

    public void Dispose()
    {
        FreeLocal();
        foreach (SimtMemory memory in _shared) HostMemory.Free(memory.Pointer);
        if (_dynamic is not null) HostMemory.Free(_dynamic.Pointer);
    }

    private void FreeLocal()
    {
        foreach (SimtMemory memory in _local) HostMemory.Free(memory.Pointer);
        _local.Clear();
    }

    private void RequireRoom(Lane lane)
    {
        long bytes = _shared.Sum(memory => memory.Bytes), all = bytes + group.Shape.SharedBytes;
        SimtOptions limits = group.Machine.Options;
        if (bytes > limits.MaxSharedBytes)
            throw lane.Fault(SimtFault.OutOfRange, default,
                $"{bytes} bytes of fixed shared memory in a group; there are {limits.MaxSharedBytes}.",
                "use smaller tiles, or dynamic shared memory");
        if (all > limits.OptInSharedBytes)
            throw lane.Fault(SimtFault.OutOfRange, default,
                $"{all} bytes of shared memory in a group, {bytes} of them fixed; there are {limits.OptInSharedBytes}.",
                "use smaller tiles");
    }

    private static SimtMemory Rent(long bytes, int granule, Space space)
    {
        nint pointer = HostMemory.Allocate(Math.Max(bytes, 1));
        new Span<byte>((void*)pointer, (int)bytes).Fill(0xFF); // NaN: what is never written cannot look right
        return new(pointer, bytes, space, granule);
    }
}
