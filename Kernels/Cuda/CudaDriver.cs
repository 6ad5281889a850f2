using System.Runtime.InteropServices;

namespace AutogradCore.Kernels.Cuda;

/// <summary>The functions of the CUDA driver that ILGPU does not bind. There is no object that lacks one of them: a library or a
/// function that is missing is a reason, and nothing throws before a call fails.</summary>
/// <remarks>Contexts, streams, events and functions are the driver's own handles. Unless a method says otherwise, it works in the
/// context that is current on the calling thread.</remarks>
internal sealed unsafe class CudaDriver
{
    private const int SharedSizeBytes = 1, MaxDynamicSharedSizeBytes = 8, MaxSharedMemoryPerBlockOptIn = 97;
    private const int NotReady = 600;
    private const uint NonBlocking = 1, DisableTiming = 2;

    private static readonly Lazy<(CudaDriver? Driver, string? Reason)> Here = new(() =>
        (Open(out string? reason, OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1", "libcuda.so"]), reason));

    private readonly delegate* unmanaged<int, byte**, int> _errorName, _errorText;
    private readonly delegate* unmanaged<nint*, int, int> _primaryRetain;
    private readonly delegate* unmanaged<int, int> _primaryRelease, _initialize;
    private readonly delegate* unmanaged<nint, int> _setCurrent, _streamDestroy, _streamSynchronize, _eventDestroy, _eventQuery;
    private readonly delegate* unmanaged<nint*, int> _getCurrent;
    private readonly delegate* unmanaged<nint*, uint, int> _streamCreate, _eventCreate;
    private readonly delegate* unmanaged<nint, nint, int> _eventRecord;
    private readonly delegate* unmanaged<nint, nint, uint, int> _streamWait;
    private readonly delegate* unmanaged<int*, int, int, int> _deviceAttribute;
    private readonly delegate* unmanaged<int*, int, nint, int> _functionAttribute;
    private readonly delegate* unmanaged<nint, int, int, int> _setFunctionAttribute;

    private CudaDriver(Func<string, nint> export)
    {
        _errorName = (delegate* unmanaged<int, byte**, int>)export("cuGetErrorName");
        _errorText = (delegate* unmanaged<int, byte**, int>)export("cuGetErrorString");
        _initialize = (delegate* unmanaged<int, int>)export("cuInit");
        _primaryRetain = (delegate* unmanaged<nint*, int, int>)export("cuDevicePrimaryCtxRetain");
        _primaryRelease = (delegate* unmanaged<int, int>)export("cuDevicePrimaryCtxRelease_v2");
        _setCurrent = (delegate* unmanaged<nint, int>)export("cuCtxSetCurrent");
        _getCurrent = (delegate* unmanaged<nint*, int>)export("cuCtxGetCurrent");
        _streamCreate = (delegate* unmanaged<nint*, uint, int>)export("cuStreamCreate");
        _streamDestroy = (delegate* unmanaged<nint, int>)export("cuStreamDestroy_v2");
        _streamSynchronize = (delegate* unmanaged<nint, int>)export("cuStreamSynchronize");
        _streamWait = (delegate* unmanaged<nint, nint, uint, int>)export("cuStreamWaitEvent");
        _eventCreate = (delegate* unmanaged<nint*, uint, int>)export("cuEventCreate");
        _eventRecord = (delegate* unmanaged<nint, nint, int>)export("cuEventRecord");
        _eventQuery = (delegate* unmanaged<nint, int>)export("cuEventQuery");
        _eventDestroy = (delegate* unmanaged<nint, int>)export("cuEventDestroy_v2");
        _deviceAttribute = (delegate* unmanaged<int*, int, int, int>)export("cuDeviceGetAttribute");
        _functionAttribute = (delegate* unmanaged<int*, int, nint, int>)export("cuFuncGetAttribute");
        _setFunctionAttribute = (delegate* unmanaged<nint, int, int, int>)export("cuFuncSetAttribute");
    }

    /// <summary>This machine's driver, or null and why.</summary>
    public static CudaDriver? Installed(out string? reason)
    {
        reason = Here.Value.Reason;
        return Here.Value.Driver;
    }

    /// <summary>The driver in the first of some libraries that can be loaded, or null and why. It stays loaded.</summary>
    public static CudaDriver? Open(out string? reason, params ReadOnlySpan<string> libraries)
    {
        foreach (string library in libraries)
            if (NativeLibrary.TryLoad(library, out nint handle))
                return Resolve(name => NativeLibrary.TryGetExport(handle, name, out nint entry) ? entry : 0, out reason);
        reason = $"no CUDA driver ({string.Join(", ", libraries)}) can be loaded";
        return null;
    }

    /// <summary>A driver out of its functions' addresses, 0 for those it lacks; or null and which it lacks.</summary>
    public static CudaDriver? Resolve(Func<string, nint> export, out string? reason)
    {
        List<string> missing = [];
        CudaDriver driver = new(name =>
        {
            nint entry = export(name);
            if (entry == 0) missing.Add(name);
            return entry;
        });
        reason = missing.Count == 0 ? null : $"the CUDA driver lacks {string.Join(", ", missing)}";
        return missing.Count == 0 ? driver : null;
    }

    /// <summary>Starts the driver, as ILGPU does too; it may be called again.</summary>
    /// <exception cref="DeviceException">It does not start: no GPU, or another version than the kernel's module.</exception>
    public void Initialize() => Check(_initialize(0), "cuInit");

    /// <summary>The context that a device shares with the CUDA runtime and NCCL, made where there is none; to be given back by
    /// <see cref="ReleasePrimary"/>.</summary>
    public nint RetainPrimary(int device)
    {
        nint context;
        Check(_primaryRetain(&context, device), "cuDevicePrimaryCtxRetain");
        return context;
    }

    /// <summary>One user of the primary context fewer; the last one destroys it.</summary>
    public void ReleasePrimary(int device) => Check(_primaryRelease(device), "cuDevicePrimaryCtxRelease");

    /// <summary>The calling thread's context; 0 for none.</summary>
    public nint Current
    {
        get
        {
            nint context;
            Check(_getCurrent(&context), "cuCtxGetCurrent");
            return context;
        }
        set => Check(_setCurrent(value), "cuCtxSetCurrent");
    }

    /// <summary>A stream that runs beside all others, the default stream included.</summary>
    public nint CreateStream()
    {
        nint stream;
        Check(_streamCreate(&stream, NonBlocking), "cuStreamCreate");
        return stream;
    }

    /// <summary>Gives a stream back; what is queued on it still runs.</summary>
    public void DestroyStream(nint stream) => Check(_streamDestroy(stream), "cuStreamDestroy");

    /// <summary>Has the calling thread wait until everything queued on a stream is done.</summary>
    public void Synchronize(nint stream) => Check(_streamSynchronize(stream), "cuStreamSynchronize");

    /// <summary>An event that takes no times.</summary>
    public nint CreateEvent()
    {
        nint mark;
        Check(_eventCreate(&mark, DisableTiming), "cuEventCreate");
        return mark;
    }

    /// <summary>Gives an event back; streams that wait for it still do.</summary>
    public void DestroyEvent(nint mark) => Check(_eventDestroy(mark), "cuEventDestroy");

    /// <summary>Has an event stand for all that is queued on a stream so far, and for nothing else any more.</summary>
    public void Record(nint mark, nint stream) => Check(_eventRecord(mark, stream), "cuEventRecord");

    /// <summary>Whether what an event stands for is done.</summary>
    public bool IsDone(nint mark)
    {
        int status = _eventQuery(mark);
        if (status != NotReady) Check(status, "cuEventQuery");
        return status != NotReady;
    }

    /// <summary>Has what is queued on a stream from now on wait for what an event stands for now.</summary>
    public void Wait(nint stream, nint mark) => Check(_streamWait(stream, mark, 0), "cuStreamWaitEvent");

    /// <summary>The most bytes of shared memory that a group can have on a device, for functions that ask for them.</summary>
    public int OptInSharedBytes(int device)
    {
        int bytes;
        Check(_deviceAttribute(&bytes, MaxSharedMemoryPerBlockOptIn, device), "cuDeviceGetAttribute");
        return bytes;
    }

    /// <summary>Bytes of shared memory that a function has at every launch.</summary>
    public int FixedSharedBytes(nint function)
    {
        int bytes;
        Check(_functionAttribute(&bytes, SharedSizeBytes, function), "cuFuncGetAttribute");
        return bytes;
    }

    /// <summary>Lets launches of a function ask for so many bytes of dynamic shared memory.</summary>
    public void AllowDynamicShared(nint function, int bytes) =>
        Check(_setFunctionAttribute(function, MaxDynamicSharedSizeBytes, bytes), "cuFuncSetAttribute");

    private void Check(int status, string function)
    {
        if (status != 0)
            throw new DeviceException($"{function} failed: {Words(_errorName, status)} ({Words(_errorText, status)}).");
    }

    private static string Words(delegate* unmanaged<int, byte**, int> ask, int status)
    {
        byte* words = null;
        return ask(status, &words) == 0 && words != null ? Marshal.PtrToStringUTF8((nint)words)! : $"CUDA error {status}";
    }
}
