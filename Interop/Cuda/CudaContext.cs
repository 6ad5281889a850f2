using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace AutogradCore.Interop;

/// <summary>A context of the CUDA driver's: what a thread's calls work in.</summary>
/// <remarks>Libraries above the driver, NCCL among them, share one context a device, the primary one, and work in no
/// other.</remarks>
public sealed unsafe class CudaContext
{
    private readonly delegate* unmanaged[Cdecl]<nint, int> _setCurrent;
    private readonly delegate* unmanaged[Cdecl]<int, byte**, int> _errorName;
    private readonly nint _handle;

    private CudaContext(Func<string, nint> symbol)
    {
        nint Needed(string name) => symbol(name) is var function and not 0
            ? function
            : throw new EntryPointNotFoundException($"the CUDA driver has no {name}");
        var current = (delegate* unmanaged[Cdecl]<nint*, int>)Needed("cuCtxGetCurrent");
        var device = (delegate* unmanaged[Cdecl]<int*, int>)Needed("cuCtxGetDevice");
        var state = (delegate* unmanaged[Cdecl]<int, uint*, int*, int>)Needed("cuDevicePrimaryCtxGetState");
        var retain = (delegate* unmanaged[Cdecl]<nint*, int, int>)Needed("cuDevicePrimaryCtxRetain");
        var release = (delegate* unmanaged[Cdecl]<int, int>)Needed("cuDevicePrimaryCtxRelease_v2");
        _setCurrent = (delegate* unmanaged[Cdecl]<nint, int>)Needed("cuCtxSetCurrent");
        _errorName = (delegate* unmanaged[Cdecl]<int, byte**, int>)Needed("cuGetErrorName");

        nint handle = 0;
        Check("cuCtxGetCurrent", current(&handle));
        if (handle == 0) throw new InvalidOperationException("no CUDA context is current on this thread");
        int number, isActive;
        uint flags;
        Check("cuCtxGetDevice", device(&number));
        Check("cuDevicePrimaryCtxGetState", state(number, &flags, &isActive));
        if (isActive != 0) // otherwise nobody has one, and retaining would make it
        {
            nint primary;
            Check("cuDevicePrimaryCtxRetain", retain(&primary, number));
            Check("cuDevicePrimaryCtxRelease", release(number));
            IsPrimary = primary == handle;
        }
        _handle = handle;
    }

    /// <summary>Whether it is its device's primary context.</summary>
    public bool IsPrimary { get; }

    /// <summary>Takes note of the context that is current on this thread.</summary>
    public static bool TryGetCurrent([NotNullWhen(true)] out CudaContext? context, [NotNullWhen(false)] out string? reason)
    {
        string name = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (NativeLibrary.TryLoad(name, out nint driver))
            return TryGetCurrent(
                function => NativeLibrary.TryGetExport(driver, function, out nint symbol) ? symbol : 0, out context, out reason);
        (context, reason) = (null, $"there is no CUDA driver, {name}");
        return false;
    }

    internal static bool TryGetCurrent(Func<string, nint> symbol, [NotNullWhen(true)] out CudaContext? context,
        [NotNullWhen(false)] out string? reason)
    {
        (context, reason) = (null, null);
        try
        {
            context = new CudaContext(symbol);
            return true;
        }
        catch (Exception error) when (error is EntryPointNotFoundException or InvalidOperationException or CudaException)
        {
            reason = error.Message;
            return false;
        }
    }

    /// <summary>Makes it the thread's context.</summary>
    /// <exception cref="CudaException">The driver refuses, as after the context was destroyed.</exception>
    public void MakeCurrent() => Check("cuCtxSetCurrent", _setCurrent(_handle));

    private void Check(string function, int code)
    {
        if (code == 0) return;
        byte* name = null;
        _ = _errorName(code, &name);
        throw new CudaException(function, code, Marshal.PtrToStringUTF8((nint)name));
    }
}
