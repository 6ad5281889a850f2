using System.Reflection;
using AutogradCore.Kernels;
using AutogradCore.Kernels.Ilgpu;
using ILGPU;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>A device that remembers which kernels ran.</summary>
internal sealed unsafe class ObservedDevice(LaunchDevice device) : LaunchDevice
{
    /// <summary>The kernels so far.</summary>
    public HashSet<MethodInfo> Launched { get; } = [];

    public override string Name => device.Name;

    public override string Description => device.Description;

    public override int WarpSize => device.WarpSize;

    public override int MaxGroupSize => device.MaxGroupSize;

    public override int MaxSharedBytes => device.MaxSharedBytes;

    public override int Multiprocessors => device.Multiprocessors;

    public override int MapGroup => device.MapGroup;

    public override int ReduceGroup => device.ReduceGroup;

    public override DeviceStream Stream => device.Stream;

    public override DeviceStream CreateStream() => device.CreateStream();

    public override DeviceEvent CreateEvent() => device.CreateEvent();

    public override IDeviceBackend CreateBackend(IlgpuOptions? options = null) => new IlgpuBackend(this, options);

    public override void Synchronize() => device.Synchronize();

    public override void Dispose() => device.Dispose();

    public override nint Allocate(long bytes) => device.Allocate(bytes);

    public override void Free(nint block) => device.Free(block);

    public override void Upload(void* from, nint block, long offset, long bytes) => device.Upload(from, block, offset, bytes);

    public override void Download(nint block, long offset, void* to, long bytes) => device.Download(block, offset, to, bytes);

    public override ArrayView<T> View<T>(nint block, long offset, long length) => device.View<T>(block, offset, length);

    public override void Launch<TArguments>(Action<TArguments> kernel, in LaunchShape shape, in TArguments arguments)
    {
        Launched.Add(kernel.Method);
        device.Launch(kernel, shape, arguments);
    }
}
