using System.Diagnostics.CodeAnalysis;

namespace AutogradCore.Kernels;

/// <summary>A machine that runs kernels: a GPU through ILGPU, or the emulator. Opened by <see cref="KernelDevices"/>.</summary>
/// <remarks>Launches are queued in order on <see cref="Stream"/>, whoever makes them, and may return before they finish; copies
/// to the host and <see cref="Synchronize"/> wait.</remarks>
public abstract unsafe class KernelDevice : IDisposable
{
    private int _users;

    /// <summary>How it is named at the command line: <c>simt</c>, <c>cuda:0</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What it is: the model, its memory, its warps.</summary>
    public abstract string Description { get; }

    /// <summary>Lanes per warp.</summary>
    public abstract int WarpSize { get; }

    /// <summary>The most lanes in a group.</summary>
    public abstract int MaxGroupSize { get; }

    /// <summary>The most bytes of fixed shared memory in a group.</summary>
    public abstract int MaxSharedBytes { get; }

    /// <summary>The most bytes of shared memory in a group, fixed and dynamic (<see cref="LaunchShape.SharedBytes"/>) together.
    /// On CUDA more than <see cref="MaxSharedBytes"/>.</summary>
    public virtual int OptInSharedBytes => MaxSharedBytes;

    /// <summary>Whether warps can multiply matrices: the instructions <c>mma.sync</c> of compute capability 8.0 and
    /// above.</summary>
    public virtual bool HasTensorCores => false;

    /// <summary>Groups that run at once, for the shapes of launches.</summary>
    public abstract int Multiprocessors { get; }

    /// <summary>Lanes per group of kernels whose lanes do not meet.</summary>
    public abstract int MapGroup { get; }

    /// <summary>The most lanes per group of kernels that reduce over a group; a multiple of the warp.</summary>
    public abstract int ReduceGroup { get; }

    /// <summary>The stream of all kernels and copies: one for the device, whatever the number of backends on it.</summary>
    public abstract DeviceStream Stream { get; }

    /// <summary>The handle of <see cref="Stream"/>, a <c>CUstream</c>; 0 where there is none.</summary>
    public nint StreamHandle => Stream.Handle;

    /// <summary>A stream beside <see cref="Stream"/>, for work of other libraries: communication runs on it while kernels
    /// compute. The device's one queue where it has no other. Dispose it before the device.</summary>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public abstract DeviceStream CreateStream();

    /// <summary>An event, not recorded yet. Dispose it before the device.</summary>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public abstract DeviceEvent CreateEvent();

    /// <summary>Whether libraries beside the device's driver, such as NCCL, work in its context: whether that is the primary
    /// one.</summary>
    public virtual bool SharesContext([NotNullWhen(false)] out string? reason)
    {
        reason = $"{Name} is no CUDA device";
        return false;
    }

    /// <summary>Makes the device's context the calling thread's again, after calls of libraries that may have changed that, such
    /// as NCCL.</summary>
    public virtual void MakeCurrent()
    {
    }

    /// <summary>Waits until everything queued on <see cref="Stream"/> is done; not for what other libraries do beside
    /// it.</summary>
    /// <exception cref="KernelException">A kernel failed.</exception>
    public abstract void Synchronize();

    /// <summary>Gives the device back.</summary>
    public abstract void Dispose();

    /// <summary>One more backend on the device.</summary>
    internal void Retain() => Interlocked.Increment(ref _users);

    /// <summary>One backend fewer; the last one gives the device back.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0) Dispose();
    }

    /// <summary>Bytes of device memory that nobody has taken; null where the device does not say.</summary>
    internal virtual long? FreeBytes => null;

    /// <summary>Device memory.</summary>
    /// <exception cref="OutOfMemoryException">There is no more.</exception>
    internal abstract nint Allocate(long bytes);

    /// <summary>Gives memory from <see cref="Allocate"/> back once everything queued before is done.</summary>
    internal abstract void Free(nint block);

    /// <summary>Copies host memory to a place in a block.</summary>
    internal abstract void Upload(void* from, nint block, long offset, long bytes);

    /// <summary>Copies from a place in a block to host memory, after everything queued.</summary>
    internal abstract void Download(nint block, long offset, void* to, long bytes);

    /// <summary>A window for kernels onto a block from <see cref="Allocate"/>.</summary>
    /// <param name="block">What <see cref="Allocate"/> gave.</param>
    /// <param name="offset">Elements before the first one.</param>
    /// <param name="length">How many elements.</param>
    internal abstract ArrayView<T> View<T>(nint block, long offset, long length) where T : unmanaged;

    /// <summary>Queues a kernel.</summary>
    internal abstract void Launch<TArguments>(Action<TArguments> kernel, in LaunchShape shape, in TArguments arguments)
        where TArguments : struct;
}
