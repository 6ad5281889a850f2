using System.Collections.Concurrent;
using ILGPU.Runtime.Cuda;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A device of ILGPU's: one accelerator, its default stream, and the kernels compiled so far.</summary>
internal sealed unsafe class IlgpuDevice : KernelDevice
{
    private readonly Context _context;
    private readonly Accelerator _accelerator;
    private readonly ConcurrentDictionary<nint, MemoryBuffer1D<byte, Stride1D.Dense>> _blocks = new();
    private readonly ConcurrentDictionary<Delegate, Delegate> _kernels = new();

    /// <summary>Opens an accelerator; disposes the context together with it.</summary>
    /// <exception cref="DeviceException">The device does not start.</exception>
    public IlgpuDevice(string name, Context context, Device device)
    {
        (Name, _context) = (name, context);
        try
        {
            _accelerator = device.CreateAccelerator(context);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new DeviceException($"The device '{name}' ({device.Name}) does not start: {error.Message}", null, error);
        }
    }

    public override string Name { get; }

    public override string Description =>
        $"{_accelerator.Name}, {_accelerator.MemorySize >> 20:N0} MiB, {_accelerator.NumMultiprocessors} multiprocessors";

    public override int WarpSize => _accelerator.WarpSize;

    public override int MaxGroupSize => _accelerator.MaxNumThreadsPerGroup;

    public override int MaxSharedBytes => _accelerator.MaxSharedMemoryPerGroup;

    public override bool HasTensorCores => _accelerator is CudaAccelerator { Architecture.Major: >= 8 };

    public override int Multiprocessors => _accelerator.NumMultiprocessors;

    public override int MapGroup => Math.Min(256, MaxGroupSize);

    public override int ReduceGroup => IsSimulator ? 2 * WarpSize : Math.Min(256, MaxGroupSize);

    /// <summary>The accelerator, for what only CUDA has.</summary>
    public Accelerator Accelerator => _accelerator;

    private bool IsSimulator => _accelerator.AcceleratorType == AcceleratorType.CPU;

    public override void Synchronize() => Guarded("waiting for the device", () => { _accelerator.Synchronize(); return 0; });

    public override void Dispose()
    {
        foreach (MemoryBuffer1D<byte, Stride1D.Dense> block in _blocks.Values) block.Dispose();
        _blocks.Clear();
        _accelerator.Dispose();
        _context.Dispose();
    }

    internal override nint Allocate(long bytes)
    {
        _accelerator.Bind();
        try
        {
            MemoryBuffer1D<byte, Stride1D.Dense> block = _accelerator.Allocate1D<byte>(Math.Max(bytes, 1));
            _blocks[block.NativePtr] = block;
            return block.NativePtr;
        }
        catch (CudaException error) when (error.Message.Contains("memory", StringComparison.OrdinalIgnoreCase))
        {
            throw new InsufficientMemoryException(error.Message, error);
        }
    }

    internal override void Free(nint block)
    {
        if (!_blocks.TryRemove(block, out MemoryBuffer1D<byte, Stride1D.Dense>? buffer)) return;
        _accelerator.Bind();
        _accelerator.Synchronize();
        buffer.Dispose();
    }

    internal override void Upload(void* from, nint block, long offset, long bytes)
    {
        _accelerator.Bind();
        _blocks[block].View.BaseView.SubView(offset, bytes).CopyFromCPU(ref *(byte*)from, bytes);
    }

    internal override void Download(nint block, long offset, void* to, long bytes)
    {
        _accelerator.Bind();
        _blocks[block].View.BaseView.SubView(offset, bytes).CopyToCPU(ref *(byte*)to, bytes);
    }

    internal override ArrayView<T> View<T>(nint block, long offset, long length) =>
        _blocks[block].View.BaseView.SubView(offset * sizeof(T), length * sizeof(T)).Cast<T>();

    internal override void Launch<TArguments>(Action<TArguments> kernel, in LaunchShape shape, in TArguments arguments)
    {
        TArguments copy = arguments;
        LaunchShape at = shape;
        _accelerator.Bind();
        Guarded($"kernel {KernelName.Of(kernel.Method)} launched as {at}", () =>
        {
            var launch = (Action<AcceleratorStream, KernelConfig, TArguments>)_kernels.GetOrAdd(
                kernel, _ => _accelerator.LoadKernel(kernel));
            Index3D grid = new(at.GridX, at.GridY, at.GridZ), group = new(at.Group, 1, 1);
            launch(_accelerator.DefaultStream, at.SharedBytes == 0
                ? new KernelConfig(grid, group)
                : new KernelConfig(grid, group, SharedMemoryConfig.RequestDynamic<byte>(at.SharedBytes)), copy);
            return 0;
        });
    }

    private static T Guarded<T>(string what, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is not AutogradException)
        {
            Exception inner = error;
            while (inner.InnerException is { } next) inner = next;
            throw new KernelException($"{inner.Message} ({what})", null, error);
        }
    }
}
