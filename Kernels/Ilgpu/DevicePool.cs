namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The pool of a device's memory.</summary>
internal sealed class DevicePool(LaunchDevice device) : MemoryPool
{
    /// <inheritdoc/>
    public override bool IsHostMemory => false;

    /// <inheritdoc/>
    protected override long? FreeBytes => device.FreeBytes;

    /// <inheritdoc/>
    protected override nint Allocate(long bytes) => device.Allocate(bytes);

    /// <inheritdoc/>
    protected override void Free(nint pointer) => device.Free(pointer);
}
