using System.Collections.Concurrent;
using AutogradCore.Interop;
using AutogradCore.Kernels;

namespace AutogradCore.Cli;

/// <summary>A backend's memory and stream, for NCCL.</summary>
/// <param name="backend">The backend.</param>
/// <param name="makeCurrent">Makes the context of its device current on the calling thread.</param>
internal sealed class NcclOnBackend(IlgpuBackend backend, Action makeCurrent) : INcclDevice
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
        if (_lent.TryRemove(memory, out AutogradCore.Buffer? buffer)) buffer.Return();
    }

    public void Upload(ReadOnlySpan<byte> from, nint to)
    {
        backend.Upload(from, Bytes(to, from.Length));
        backend.Synchronize();
        makeCurrent(); // the backend may have bound another one
    }

    public void Download(nint from, Span<byte> into)
    {
        backend.Download(Bytes(from, into.Length), into);
        makeCurrent();
    }

    public void MakeCurrent() => makeCurrent();

    public void Synchronize()
    {
        backend.Synchronize();
        makeCurrent();
    }

    private View Bytes(nint memory, int count) => new(_lent[memory], DType.Bool, [count]);
}
