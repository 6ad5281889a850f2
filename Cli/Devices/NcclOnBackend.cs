using System.Collections.Concurrent;
using AutogradCore.Interop;
using AutogradCore.Kernels;

namespace AutogradCore.Cli;

/// <summary>A backend's memory and stream, for NCCL.</summary>
internal sealed class NcclOnBackend(IDeviceBackend backend) : INcclDevice
{
    private readonly ConcurrentDictionary<nint, AutogradCore.Buffer> _lent = new();

    /// <inheritdoc/>
    public nint Stream => backend.Device.StreamHandle;

    public nint Allocate(long bytes)
    {
        AutogradCore.Buffer buffer = backend.Memory.Rent(bytes);
        _lent[buffer.Pointer] = buffer;
        return buffer.Pointer;
    }

    public void Free(nint memory)
    {
        if (_lent.TryRemove(memory, out AutogradCore.Buffer buffer)) buffer.Return();
    }

    public void Upload(ReadOnlySpan<byte> from, nint to)
    {
        backend.Upload(from, Bytes(to, from.Length));
        backend.Synchronize();
        MakeCurrent(); // the backend may have bound another one
    }

    public void Download(nint from, Span<byte> into)
    {
        backend.Download(Bytes(from, into.Length), into);
        MakeCurrent();
    }

    public void MakeCurrent() => backend.Device.MakeCurrent();

    public void Synchronize()
    {
        backend.Synchronize();
        MakeCurrent();
    }

    private View Bytes(nint memory, int count) => new(_lent[memory], DType.Bool, [count]);
}
