namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A device as the backend drives it: blocks of memory, windows onto them, launches. This file is compiled for ILGPU and
/// for the emulator, each with its own <c>ArrayView</c>.</summary>
internal abstract unsafe class LaunchDevice : KernelDevice
{
    private int _users;

    /// <summary>A device of this assembly.</summary>
    /// <exception cref="ArgumentException">It is one of the other assembly.</exception>
    public static LaunchDevice Of(KernelDevice device) => device as LaunchDevice ?? throw new ArgumentException(
        $"Kernels compiled for {(typeof(LaunchDevice).Assembly.GetName().Name)} do not run on {device.Name}; "
        + $"its own backends come from {nameof(KernelDevice)}.{nameof(CreateBackend)}.", nameof(device));

    /// <summary>One more backend on the device.</summary>
    public void Retain() => Interlocked.Increment(ref _users);

    /// <summary>One backend fewer; the last one gives the device back.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0) Dispose();
    }

    /// <summary>Bytes of device memory that nobody has taken; null where the device does not say.</summary>
    public virtual long? FreeBytes => null;

    /// <summary>Device memory.</summary>
    /// <exception cref="OutOfMemoryException">There is no more.</exception>
    public abstract nint Allocate(long bytes);

    /// <summary>Gives memory from <see cref="Allocate"/> back once everything queued before is done.</summary>
    public abstract void Free(nint block);

    /// <summary>Copies host memory to a place in a block.</summary>
    public abstract void Upload(void* from, nint block, long offset, long bytes);

    /// <summary>Copies from a place in a block to host memory, after everything queued.</summary>
    public abstract void Download(nint block, long offset, void* to, long bytes);

    /// <summary>A window for kernels onto a block from <see cref="Allocate"/>.</summary>
    /// <param name="block">What <see cref="Allocate"/> gave.</param>
    /// <param name="offset">Elements before the first one.</param>
    /// <param name="length">How many elements.</param>
    public abstract ArrayView<T> View<T>(nint block, long offset, long length) where T : unmanaged;

    /// <summary>Queues a kernel.</summary>
    public abstract void Launch<TArguments>(Action<TArguments> kernel, in LaunchShape shape, in TArguments arguments)
        where TArguments : struct;
}
