using System.Runtime.InteropServices;
using AutogradCore.Interop;

namespace AutogradCore.Tests.Interop;

/// <summary>Host memory as a device's, without a context.</summary>
internal sealed unsafe class HostNcclDevice : INcclDevice
{
    public nint Stream => FakeNcclDevice.TheStream;

    public nint Allocate(long bytes) => (nint)NativeMemory.Alloc((nuint)bytes);

    public void Free(nint memory) => NativeMemory.Free((void*)memory);

    public void Upload(ReadOnlySpan<byte> from, nint to) => from.CopyTo(new Span<byte>((void*)to, from.Length));

    public void Download(nint from, Span<byte> into) => new ReadOnlySpan<byte>((void*)from, into.Length).CopyTo(into);

    public void MakeCurrent()
    {
    }

    public void Synchronize()
    {
    }
}
