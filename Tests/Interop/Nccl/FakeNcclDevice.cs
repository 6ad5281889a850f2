using System.Collections.Concurrent;
using AutogradCore.Interop;

namespace AutogradCore.Tests.Interop;

/// <summary>Host memory as a device's, on which a <see cref="FakeNccl"/> works.</summary>
internal sealed class FakeNcclDevice(FakeNccl nccl) : INcclDevice
{
    public const nint TheStream = 0x57;
    private readonly ConcurrentDictionary<nint, byte[]> _memory = new();

    /// <summary>Whether the thread has the device's context; every call of NCCL's takes it away.</summary>
    [field: ThreadStatic]
    public static bool IsCurrent { get; set; }

    /// <summary>Waits for the device end only when a communicator is aborted, as kernels that spin.</summary>
    public bool Spins { get; set; }

    /// <summary>Bytes that cannot be had.</summary>
    public long Most { get; set; } = long.MaxValue;

    public int Lent => _memory.Count;

    public nint Stream => TheStream;

    public unsafe nint Allocate(long bytes)
    {
        Require("Allocate");
        if (bytes > Most) throw new AllocationException("The fake has no more memory.");
        byte[] memory = GC.AllocateArray<byte>((int)bytes, pinned: true);
        fixed (byte* first = memory)
        {
            _memory[(nint)first] = memory;
            return (nint)first;
        }
    }

    public void Free(nint memory)
    {
        Require("Free");
        if (!_memory.TryRemove(memory, out _)) nccl.Violations.Enqueue("Free: no such memory");
    }

    public void Upload(ReadOnlySpan<byte> from, nint to)
    {
        Require("Upload");
        from.CopyTo(_memory[to]);
    }

    public void Download(nint from, Span<byte> into)
    {
        Require("Download");
        _memory[from].AsSpan(0, into.Length).CopyTo(into);
    }

    public void MakeCurrent()
    {
        nccl.Enter();
        IsCurrent = true;
    }

    public void Synchronize()
    {
        Require("Synchronize");
        if (Spins) nccl.Aborted.Wait();
        else nccl.Drain();
    }

    private void Require(string what)
    {
        if (!IsCurrent) nccl.Violations.Enqueue($"{what}: the context is not current");
    }
}
