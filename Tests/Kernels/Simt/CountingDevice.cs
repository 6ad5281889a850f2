extern alias simt;

using AutogradCore.Kernels;
using simt::AutogradCore.Kernels.Ilgpu;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Kernels.Simt;

/// <summary>The emulator, with how often somebody waited for it.</summary>
internal sealed unsafe class CountingDevice : LaunchDevice
{
    private readonly SimtDevice _device = new();

    /// <summary>Waits so far: for the device, or for a copy to the host.</summary>
    public int Waits { get; private set; }

    public override string Name => _device.Name;

    public override string Description => _device.Description;

    public override int WarpSize => _device.WarpSize;

    public override int MaxGroupSize => _device.MaxGroupSize;

    public override int MaxSharedBytes => _device.MaxSharedBytes;

    public override int OptInSharedBytes => _device.OptInSharedBytes;

    public override int Multiprocessors => _device.Multiprocessors;

    public override int MapGroup => _device.MapGroup;

    public override int ReduceGroup => _device.ReduceGroup;

    public override DeviceStream Stream => _device.Stream;

    public override DeviceStream CreateStream() => _device.CreateStream();

    public override DeviceEvent CreateEvent() => _device.CreateEvent();

    public override IDeviceBackend CreateBackend(IlgpuOptions? options = null) => new SimtBackend(this, options);

    public override void Synchronize() => Waits++;

    public override void Dispose() => _device.Dispose();

    public override nint Allocate(long bytes) => _device.Allocate(bytes);

    public override void Free(nint block) => _device.Free(block);

    public override void Upload(void* from, nint block, long offset, long bytes) =>
        _device.Upload(from, block, offset, bytes);

    public override void Download(nint block, long offset, void* to, long bytes)
    {
        Waits++;
        _device.Download(block, offset, to, bytes);
    }

    public override ArrayView<T> View<T>(nint block, long offset, long length) => _device.View<T>(block, offset, length);

    public override void Launch<TArguments>(Action<TArguments> kernel, in LaunchShape shape, in TArguments arguments) =>
        _device.Launch(kernel, shape, arguments);
}
