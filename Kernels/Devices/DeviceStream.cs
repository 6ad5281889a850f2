using AutogradCore.Kernels.Cuda;

namespace AutogradCore.Kernels;

/// <summary>A queue of a device: what is on it runs in order. Streams run beside each other; events order them.</summary>
/// <remarks>Other libraries, such as NCCL, queue their work by the stream's handle. To have a second stream work on what the
/// first one makes, record an event on the first and have the second wait for it; the same the other way round before the first
/// one's memory is used again. Where a device has one queue only, the handle is 0, and recording waits.</remarks>
public sealed class DeviceStream : IDisposable
{
    private readonly CudaDriver? _driver;
    private readonly Action? _wait;
    private bool _disposed;

    /// <summary>A stream of the context that is current.</summary>
    internal DeviceStream(CudaDriver driver) => (_driver, Handle) = (driver, driver.CreateStream());

    /// <summary>The one queue of a device that has no streams.</summary>
    /// <param name="wait">Waits for the device.</param>
    public DeviceStream(Action wait) => _wait = wait;

    /// <summary>The driver's handle, a <c>CUstream</c>; 0 where there is none.</summary>
    public nint Handle { get; }

    /// <summary>Has an event stand for all that is queued here so far, and for nothing else any more.</summary>
    public void Record(DeviceEvent mark)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_driver is null) _wait!();
        mark.Record(Handle);
    }

    /// <summary>Has what is queued here from now on wait for what an event stands for at this moment. The host goes on.</summary>
    /// <exception cref="InvalidOperationException">The event was never recorded: a GPU would not wait.</exception>
    public void Wait(DeviceEvent mark)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        mark.Hold(Handle);
    }

    /// <summary>Has the calling thread wait until everything queued here is done.</summary>
    public void Synchronize()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_driver is null) _wait!();
        else _driver.Synchronize(Handle);
    }

    /// <summary>Gives the stream back; what is queued still runs.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _driver?.DestroyStream(Handle);
    }
}
