namespace AutogradCore.Kernels.Cuda;

/// <summary>The device's primary context in the place of one that a library made for itself: the CUDA runtime and NCCL know no
/// other, and only in one context do their streams and ours order each other.</summary>
/// <remarks>The library keeps its context's handle somewhere and makes it current before its calls. Adopting changes the handle,
/// before the library has made anything in its context; everything it makes later belongs to the primary one. Before the library
/// destroys its context the handle goes back (<see cref="PutBack"/>), after all else is freed; then the primary context is given
/// back (<see cref="Dispose"/>).</remarks>
internal sealed class PrimaryContext : IDisposable
{
    private readonly CudaDriver _driver;
    private readonly int _device;
    private readonly Action<nint> _set;
    private readonly nint _original;
    private bool _isBack, _disposed;

    private PrimaryContext(CudaDriver driver, int device, Action<nint> set, nint original) =>
        (_driver, _device, _set, _original) = (driver, device, set, original);

    /// <summary>Adopts the primary context of a device, and makes it current on this thread.</summary>
    /// <param name="driver">The driver.</param>
    /// <param name="device">Which device.</param>
    /// <param name="get">Gives the handle that the library keeps.</param>
    /// <param name="set">Changes it.</param>
    /// <exception cref="DeviceException">The driver refuses; all is as before.</exception>
    public static PrimaryContext Adopt(CudaDriver driver, int device, Func<nint> get, Action<nint> set)
    {
        nint before = driver.Current, handle = driver.RetainPrimary(device);
        try
        {
            PrimaryContext primary = new(driver, device, set, get());
            driver.Current = handle;
            set(handle);
            return primary;
        }
        catch
        {
            Try(() => driver.Current = before);
            Try(() => driver.ReleasePrimary(device));
            throw;
        }
    }

    /// <summary>Gives the library its handle back, for it to destroy its own context.</summary>
    public void PutBack()
    {
        if (_isBack) return;
        _isBack = true;
        _set(_original);
    }

    /// <summary>Gives the primary context back; the driver destroys it with its last user.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        PutBack();
        _driver.ReleasePrimary(_device);
    }

    /// <summary>What fails while a failure is undone must not hide it.</summary>
    private static void Try(Action undo)
    {
        try
        {
            undo();
        }
        catch (DeviceException)
        {
        }
    }
}
