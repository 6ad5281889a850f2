using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels.Simt;

/// <summary>The emulator as a device.</summary>
internal sealed unsafe class SimtDevice(SimtOptions? options = null) : LaunchDevice
{
    private readonly SimtMachine _machine = new(options);

    public override string Name => "simt";

    public override string Description => $"emulated on one core: warps of {WarpSize}, every access checked";

    public override int WarpSize => _machine.Options.WarpSize;

    public override int MaxGroupSize => _machine.Options.MaxGroupSize;

    public override int MaxSharedBytes => _machine.Options.MaxSharedBytes;

    public override int OptInSharedBytes => _machine.Options.OptInSharedBytes;

    public override bool HasTensorCores => WarpSize == 32;

    public override int Multiprocessors => 1;

    public override int MapGroup => 32;

    /// <summary>Two warps: enough that sums cross warps, few enough that meetings stay cheap.</summary>
    public override int ReduceGroup => 2 * WarpSize;

    /// <summary>Kernels are done when their launch returns, so streams have nothing to wait for.</summary>
    public override DeviceStream Stream { get; } = new(() => { });

    public override DeviceStream CreateStream() => new(() => { });

    public override DeviceEvent CreateEvent() => new();

    public override IDeviceBackend CreateBackend(IlgpuOptions? options = null) => new SimtBackend(this, options);

    public override void Synchronize()
    {
    }

    public override void Dispose() => _machine.Dispose();

    public override long? FreeBytes => _machine.FreeBytes;

    public override nint Allocate(long bytes) => _machine.Allocate(bytes);

    public override void Free(nint block) => _machine.Free(block);

    public override void Upload(void* from, nint block, long offset, long bytes) =>
        System.Buffer.MemoryCopy(from, (byte*)block + offset, bytes, bytes);

    public override void Download(nint block, long offset, void* to, long bytes) =>
        System.Buffer.MemoryCopy((byte*)block + offset, to, bytes, bytes);

    public override ArrayView<T> View<T>(nint block, long offset, long length) => _machine.View<T>(block, offset, length);

    public override void Launch<TArguments>(Action<TArguments> kernel, in LaunchShape shape, in TArguments arguments) =>
        _machine.Launch(kernel, shape, arguments);
}
