using AutogradCore.Kernels.Cuda;

namespace AutogradCore.Kernels;

/// <summary>A place in the queue of a <see cref="DeviceStream"/>, for other streams to wait for. May be recorded again and again;
/// those that wait already are not moved.</summary>
public sealed class DeviceEvent : IDisposable
{
    private readonly CudaDriver? _driver;
    private readonly nint _handle;
    private bool _disposed;

    /// <summary>An event of a device without streams: done when it is recorded.</summary>
    public DeviceEvent()
    {
    }

    /// <summary>An event of the context that is current.</summary>
    internal DeviceEvent(CudaDriver driver) => (_driver, _handle) = (driver, driver.CreateEvent());

    /// <summary>Whether it stands for anything.</summary>
    public bool IsRecorded { get; private set; }

    /// <summary>Whether all that it stands for is done; does not wait.</summary>
    /// <exception cref="InvalidOperationException">It was never recorded.</exception>
    public bool IsDone
    {
        get
        {
            RequireRecorded();
            return _driver?.IsDone(_handle) ?? true;
        }
    }

    /// <summary>Gives the event back; streams that wait for it still do.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _driver?.DestroyEvent(_handle);
    }

    internal void Record(nint stream)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _driver?.Record(_handle, stream);
        IsRecorded = true;
    }

    internal void Hold(nint stream)
    {
        RequireRecorded();
        _driver?.Wait(stream, _handle);
    }

    private void RequireRecorded()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!IsRecorded)
            throw new InvalidOperationException("The event was never recorded, so nothing would wait for it; record it first.");
    }
}
