using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using AutogradCore.Kernels.Cuda;
using ILGPU.Runtime.Cuda;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A device of ILGPU's: one accelerator, one stream, and the kernels compiled so far.</summary>
internal sealed unsafe class IlgpuDevice : LaunchDevice
{
    /// <summary>After these the driver refuses all further work of the process on the device.</summary>
    private static readonly HashSet<string> Fatal =
    [
        "CUDA_ERROR_ILLEGAL_ADDRESS", "CUDA_ERROR_LAUNCH_TIMEOUT", "CUDA_ERROR_CONTEXT_IS_DESTROYED", "CUDA_ERROR_ASSERT",
        "CUDA_ERROR_HARDWARE_STACK_ERROR", "CUDA_ERROR_ILLEGAL_INSTRUCTION", "CUDA_ERROR_MISALIGNED_ADDRESS",
        "CUDA_ERROR_INVALID_ADDRESS_SPACE", "CUDA_ERROR_INVALID_PC", "CUDA_ERROR_LAUNCH_FAILED",
        "CUDA_ERROR_ECC_UNCORRECTABLE", "CUDA_ERROR_NVLINK_UNCORRECTABLE", "CUDA_ERROR_UNKNOWN",
    ];

    private readonly Context _context;
    private readonly Accelerator _accelerator;
    private readonly ConcurrentDictionary<nint, MemoryBuffer1D<byte, Stride1D.Dense>> _blocks = new();
    private readonly ConcurrentDictionary<Delegate, object> _kernels = new();
    private readonly CudaRuntime? _cuda;
    private readonly AcceleratorStream _queue;
    private readonly string? _ownContext;
    private volatile bool _isLost;
    private bool _disposed;

    /// <summary>Opens an accelerator; disposes the context together with it.</summary>
    /// <exception cref="DeviceException">The device does not start.</exception>
    public IlgpuDevice(string name, Context context, Device device)
    {
        (Name, _context) = (name, context);
        try
        {
            _accelerator = device.CreateAccelerator(context);
            if (_accelerator is CudaAccelerator cuda && CudaDriver.Installed(out _ownContext) is { } driver)
            {
                _cuda = new CudaRuntime(cuda, driver);
                _ownContext = _cuda.OwnContext;
            }
            _queue = _cuda?.Queue ?? _accelerator.DefaultStream;
            Stream = _cuda?.Stream ?? new DeviceStream(Synchronize);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _accelerator?.Dispose();
            throw new DeviceException($"The device '{name}' ({device.Name}) does not start: {error.Message}", null, error);
        }
    }

    public override string Name { get; }

    public override string Description => IsSimulator ? $"ILGPU's simulator: warps of {WarpSize}" :
        $"{_accelerator.Name}, {_accelerator.MemorySize >> 20:N0} MiB, {_accelerator.NumMultiprocessors} multiprocessors"
        + (_ownContext is null ? "" : $", in a context of its own, which NCCL cannot use: {_ownContext}");

    public override int WarpSize => _accelerator.WarpSize;

    public override int MaxGroupSize => _accelerator.MaxNumThreadsPerGroup;

    public override int MaxSharedBytes => _accelerator.MaxSharedMemoryPerGroup;

    public override int OptInSharedBytes => _cuda?.OptInSharedBytes ?? MaxSharedBytes;

    public override bool HasTensorCores => _accelerator is CudaAccelerator { Architecture.Major: >= 8 };

    public override int Multiprocessors => _accelerator.NumMultiprocessors;

    public override int MapGroup => Math.Min(256, MaxGroupSize);

    public override int ReduceGroup => IsSimulator ? 2 * WarpSize : Math.Min(256, MaxGroupSize);

    /// <summary>The accelerator, for what only CUDA has.</summary>
    public Accelerator Accelerator => _accelerator;

    private bool IsSimulator => _accelerator.AcceleratorType == AcceleratorType.CPU;

    public override DeviceStream Stream { get; }

    public override DeviceStream CreateStream()
    {
        if (_cuda is null) return new DeviceStream(Synchronize);
        _cuda.MakeCurrent();
        return new DeviceStream(_cuda.Driver);
    }

    public override DeviceEvent CreateEvent()
    {
        if (_cuda is null) return new DeviceEvent();
        _cuda.MakeCurrent();
        return new DeviceEvent(_cuda.Driver);
    }

    public override IDeviceBackend CreateBackend(IlgpuOptions? options = null) => new IlgpuBackend(this, options);

    public override bool SharesContext([NotNullWhen(false)] out string? reason)
    {
        if (_accelerator is not CudaAccelerator) return base.SharesContext(out reason);
        reason = _ownContext is null ? null : $"the device's context is not the primary one: {_ownContext}";
        return reason is null;
    }

    public override void MakeCurrent() => _cuda?.MakeCurrent();

    /// <remarks>Waits for the queue, not for the context: that would wait for communication that may wait for this
    /// thread.</remarks>
    public override void Synchronize() => Guarded("waiting for the device", _queue.Synchronize);

    public override void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        try
        {
            using (_context)
            using (_cuda)
            {
                _cuda?.MakeCurrent();
                foreach (MemoryBuffer1D<byte, Stride1D.Dense> block in _blocks.Values) block.Dispose();
                _blocks.Clear();
                _cuda?.Leave();
                _accelerator.Dispose();
            }
        }
        catch (Exception error) when (_isLost && error is CudaException or DeviceException)
        {
            // What a lost device held is gone with it.
        }
    }

    public override long? FreeBytes => (_accelerator as CudaAccelerator)?.GetFreeMemory();

    public override nint Allocate(long bytes)
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

    public override void Free(nint block)
    {
        if (!_blocks.TryRemove(block, out MemoryBuffer1D<byte, Stride1D.Dense>? buffer) || _isLost) return;
        _accelerator.Bind();
        Guarded("freeing memory", () =>
        {
            _queue.Synchronize();
            buffer.Dispose();
        });
    }

    public override void Upload(void* from, nint block, long offset, long bytes)
    {
        _accelerator.Bind();
        Guarded("a copy to the device", () =>
        {
            _blocks[block].View.BaseView.SubView(offset, bytes).CopyFromCPU(_queue, ref *(byte*)from, bytes);
        });
    }

    public override void Download(nint block, long offset, void* to, long bytes)
    {
        _accelerator.Bind();
        Guarded("a copy from the device", () =>
        {
            _blocks[block].View.BaseView.SubView(offset, bytes).CopyToCPU(_queue, ref *(byte*)to, bytes);
        });
    }

    public override ArrayView<T> View<T>(nint block, long offset, long length) =>
        _blocks[block].View.BaseView.SubView(offset * sizeof(T), length * sizeof(T)).Cast<T>();

    public override void Launch<TArguments>(Action<TArguments> kernel, in LaunchShape shape, in TArguments arguments)
    {
        _accelerator.Bind();
        try
        {
            LoadedKernel<TArguments> loaded = Loaded(kernel);
            Index3D grid = new(shape.GridX, shape.GridY, shape.GridZ), group = new(shape.Group, 1, 1);
            KernelConfig config = new(grid, group);
            if (shape.SharedBytes > 0)
            {
                loaded.Shared?.Allow(shape);
                config = new(grid, group, SharedMemoryConfig.RequestDynamic<byte>(shape.SharedBytes));
            }
            loaded.Launch(_queue, config, arguments);
        }
        catch (Exception error) when (error is not AutogradException)
        {
            throw Failed($"kernel {KernelName.Of(kernel.Method)} launched as {shape}", error);
        }
    }

    /// <summary>The kernel, compiled at its first launch.</summary>
    private LoadedKernel<TArguments> Loaded<TArguments>(Action<TArguments> kernel) where TArguments : struct =>
        (LoadedKernel<TArguments>)(_kernels.TryGetValue(kernel, out object? loaded) ? loaded : _kernels.GetOrAdd(
            kernel, LoadedKernel<TArguments>.Load(kernel, _accelerator, _cuda?.Driver, OptInSharedBytes)));

    private void Guarded(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is not AutogradException)
        {
            throw Failed(what, error);
        }
    }

    private AutogradException Failed(string what, Exception error)
    {
        Exception inner = error;
        while (inner.InnerException is { } next) inner = next;
        if (inner is not CudaException { Error: { } code } || !Fatal.Contains(code))
            return new KernelException($"{inner.Message} ({what})", null, error);
        _isLost = true;
        return new DeviceException($"The device '{Name}' is lost: {inner.Message} ({what})",
            "this process cannot use it any more; go on from a checkpoint in a new one, or on the host backend", error);
    }
}
