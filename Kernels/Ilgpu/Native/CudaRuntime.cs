using System.Runtime.CompilerServices;
using AutogradCore.Kernels.Cuda;
using ILGPU.Runtime.Cuda;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What ILGPU does not do of CUDA: its accelerator moved to the primary context, with a stream of its own.</summary>
/// <remarks>Not run on a GPU yet. That it can work, by ILGPU 1.5.3's source: its constructor makes nothing in its context; its
/// calls make <c>NativePtr</c> the thread's context, unless the thread has this accelerator bound already; its default stream is
/// 0, which means the current context's; and it hands <c>NativePtr</c> to <c>cuCtxDestroy</c>, after all else is
/// freed.</remarks>
internal sealed class CudaRuntime : IDisposable
{
    private readonly CudaAccelerator _accelerator;
    private readonly PrimaryContext? _primary;
    private AcceleratorObject? _last;

    /// <summary>Takes over an accelerator that has made nothing yet.</summary>
    /// <exception cref="DeviceException">The driver refuses; the accelerator is as before.</exception>
    public CudaRuntime(CudaAccelerator accelerator, CudaDriver driver)
    {
        (_accelerator, Driver) = (accelerator, driver);
        try
        {
            _primary = PrimaryContext.Adopt(
                driver, accelerator.DeviceId, () => accelerator.NativePtr, handle => SetNativePtr(accelerator, handle));
        }
        catch (MissingMethodException error)
        {
            OwnContext = error.Message;
        }
        try
        {
            OptInSharedBytes = driver.OptInSharedBytes(accelerator.DeviceId);
            Stream = new DeviceStream(driver);
            Queue = accelerator.CreateStream(Stream.Handle, responsible: false);
        }
        catch
        {
            Stream?.Dispose();
            _primary?.Dispose();
            throw;
        }
    }

    /// <summary>The driver.</summary>
    public CudaDriver Driver { get; }

    /// <summary>Why the accelerator still has a context of its own, or null.</summary>
    public string? OwnContext { get; }

    /// <summary>The stream for all work.</summary>
    public DeviceStream Stream { get; }

    /// <summary><see cref="Stream"/> as ILGPU takes it.</summary>
    public AcceleratorStream Queue { get; }

    /// <summary>The most bytes of shared memory in a group, with the driver's leave.</summary>
    public int OptInSharedBytes { get; }

    /// <summary>Makes the context this thread's, whatever ILGPU believes it to be.</summary>
    public void MakeCurrent()
    {
        _accelerator.Bind();
        Driver.Current = _accelerator.NativePtr;
    }

    /// <summary>Before the accelerator is disposed: gives the stream back, and sees to it that the accelerator frees its kernels
    /// in the primary context and then destroys its own.</summary>
    public void Leave()
    {
        Stream.Dispose();
        if (_primary is { } primary) _last = OnDisposal(_accelerator, primary.PutBack);
    }

    /// <summary>After the accelerator was disposed: gives the primary context back.</summary>
    public void Dispose()
    {
        _primary?.Dispose();
        GC.KeepAlive(_last);
    }

    /// <summary>Has something done as the last thing before an accelerator destroys its context: objects of an accelerator are
    /// disposed in the order in which they were made.</summary>
    internal static AcceleratorObject OnDisposal(Accelerator accelerator, Action action) => new LastObject(accelerator, action);

    /// <summary>The setter of <see cref="Accelerator.NativePtr"/>, which is protected.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_NativePtr")]
    internal static extern void SetNativePtr(Accelerator accelerator, nint handle);

    private sealed class LastObject(Accelerator accelerator, Action action) : AcceleratorObject(accelerator)
    {
        protected override void DisposeAcceleratorObject(bool disposing) => action();
    }
}
