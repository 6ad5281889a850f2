using System.Runtime.InteropServices;
using AutogradCore.Kernels.Cuda;

namespace AutogradCore.Tests.Kernels.Cuda;

/// <summary>A CUDA driver of C# methods: writes down every call, and fails where a test says so. One at a time.</summary>
internal static unsafe class FakeCuda
{
    public const int OutOfMemory = 2, InvalidValue = 1;
    public const nint Primary = 0xC1;

    private const int NotReady = 600;
    private static readonly Dictionary<string, nint> Exports = new()
    {
        ["cuGetErrorName"] = (nint)(delegate* unmanaged<int, byte**, int>)&ErrorName,
        ["cuGetErrorString"] = (nint)(delegate* unmanaged<int, byte**, int>)&ErrorText,
        ["cuInit"] = (nint)(delegate* unmanaged<int, int>)&Initialize,
        ["cuDevicePrimaryCtxRetain"] = (nint)(delegate* unmanaged<nint*, int, int>)&PrimaryRetain,
        ["cuDevicePrimaryCtxRelease_v2"] = (nint)(delegate* unmanaged<int, int>)&PrimaryRelease,
        ["cuCtxSetCurrent"] = (nint)(delegate* unmanaged<nint, int>)&SetCurrent,
        ["cuCtxGetCurrent"] = (nint)(delegate* unmanaged<nint*, int>)&GetCurrent,
        ["cuStreamCreate"] = (nint)(delegate* unmanaged<nint*, uint, int>)&StreamCreate,
        ["cuStreamDestroy_v2"] = (nint)(delegate* unmanaged<nint, int>)&StreamDestroy,
        ["cuStreamSynchronize"] = (nint)(delegate* unmanaged<nint, int>)&StreamSynchronize,
        ["cuStreamWaitEvent"] = (nint)(delegate* unmanaged<nint, nint, uint, int>)&StreamWait,
        ["cuEventCreate"] = (nint)(delegate* unmanaged<nint*, uint, int>)&EventCreate,
        ["cuEventRecord"] = (nint)(delegate* unmanaged<nint, nint, int>)&EventRecord,
        ["cuEventQuery"] = (nint)(delegate* unmanaged<nint, int>)&EventQuery,
        ["cuEventDestroy_v2"] = (nint)(delegate* unmanaged<nint, int>)&EventDestroy,
        ["cuDeviceGetAttribute"] = (nint)(delegate* unmanaged<int*, int, int, int>)&DeviceAttribute,
        ["cuFuncGetAttribute"] = (nint)(delegate* unmanaged<int*, int, nint, int>)&FunctionAttribute,
        ["cuFuncSetAttribute"] = (nint)(delegate* unmanaged<nint, int, int, int>)&SetFunctionAttribute,
    };

    private static readonly List<string> Log = [];
    private static readonly Dictionary<string, int> Failures = [];
    private static nint s_handles;

    [ThreadStatic]
    private static nint t_current;

    /// <summary>The names of all functions.</summary>
    public static IEnumerable<string> Functions => Exports.Keys;

    /// <summary>The calls since the last look: <c>cuCtxSetCurrent(C1)</c>, with handles in hexadecimal.</summary>
    public static string[] Calls
    {
        get
        {
            string[] calls = [.. Log];
            Log.Clear();
            return calls;
        }
    }

    /// <summary>The context of this thread.</summary>
    public static nint Current
    {
        get => t_current;
        set => t_current = value;
    }

    /// <summary>Whether what is queued has been done.</summary>
    public static bool IsIdle { get; set; }

    /// <summary>A driver as new.</summary>
    public static CudaDriver Open()
    {
        Log.Clear();
        Failures.Clear();
        (s_handles, t_current, IsIdle) = (0x50, 0, true);
        return CudaDriver.Resolve(Export, out _)!;
    }

    /// <summary>The address of a function; 0 for one that there is not.</summary>
    public static nint Export(string name) => Exports.GetValueOrDefault(name);

    /// <summary>Has a function fail from now on.</summary>
    public static void Fail(string function, int status) => Failures[function] = status;

    private static int Call(string function, string arguments)
    {
        Log.Add($"{function}({arguments})");
        return Failures.GetValueOrDefault(function);
    }

    private static int Give(string function, string arguments, nint* result, nint value)
    {
        int status = Call(function, arguments);
        if (status == 0) *result = value;
        return status;
    }

    private static int Say(int status, byte** words, string known)
    {
        if (status is not (OutOfMemory or InvalidValue)) return InvalidValue;
        *words = (byte*)Marshal.StringToCoTaskMemUTF8(known); // a few bytes, for the life of the tests, as the driver's own
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int ErrorName(int status, byte** words) =>
        Say(status, words, status == OutOfMemory ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_INVALID_VALUE");

    [UnmanagedCallersOnly]
    private static int ErrorText(int status, byte** words) =>
        Say(status, words, status == OutOfMemory ? "out of memory" : "invalid argument");

    [UnmanagedCallersOnly]
    private static int Initialize(int flags) => Call("cuInit", $"{flags}");

    [UnmanagedCallersOnly]
    private static int PrimaryRetain(nint* context, int device) =>
        Give("cuDevicePrimaryCtxRetain", $"{device}", context, Primary);

    [UnmanagedCallersOnly]
    private static int PrimaryRelease(int device) => Call("cuDevicePrimaryCtxRelease", $"{device}");

    [UnmanagedCallersOnly]
    private static int SetCurrent(nint context)
    {
        int status = Call("cuCtxSetCurrent", $"{context:X}");
        if (status == 0) t_current = context;
        return status;
    }

    [UnmanagedCallersOnly]
    private static int GetCurrent(nint* context) => Give("cuCtxGetCurrent", "", context, t_current);

    [UnmanagedCallersOnly]
    private static int StreamCreate(nint* stream, uint flags) => Give("cuStreamCreate", $"{flags}", stream, ++s_handles);

    [UnmanagedCallersOnly]
    private static int StreamDestroy(nint stream) => Call("cuStreamDestroy", $"{stream:X}");

    [UnmanagedCallersOnly]
    private static int StreamSynchronize(nint stream) => Call("cuStreamSynchronize", $"{stream:X}");

    [UnmanagedCallersOnly]
    private static int StreamWait(nint stream, nint mark, uint flags) =>
        Call("cuStreamWaitEvent", $"{stream:X}, {mark:X}, {flags}");

    [UnmanagedCallersOnly]
    private static int EventCreate(nint* mark, uint flags) => Give("cuEventCreate", $"{flags}", mark, ++s_handles);

    [UnmanagedCallersOnly]
    private static int EventRecord(nint mark, nint stream) => Call("cuEventRecord", $"{mark:X}, {stream:X}");

    [UnmanagedCallersOnly]
    private static int EventQuery(nint mark)
    {
        int status = Call("cuEventQuery", $"{mark:X}");
        return status != 0 ? status : IsIdle ? 0 : NotReady;
    }

    [UnmanagedCallersOnly]
    private static int EventDestroy(nint mark) => Call("cuEventDestroy", $"{mark:X}");

    [UnmanagedCallersOnly]
    private static int DeviceAttribute(int* value, int attribute, int device)
    {
        int status = Call("cuDeviceGetAttribute", $"{attribute}, {device}");
        if (status == 0) *value = 227 * 1024;
        return status;
    }

    /// <summary>Every function has 1,024 bytes of fixed shared memory.</summary>
    [UnmanagedCallersOnly]
    private static int FunctionAttribute(int* value, int attribute, nint function)
    {
        int status = Call("cuFuncGetAttribute", $"{attribute}, {function:X}");
        if (status == 0) *value = 1024;
        return status;
    }

    [UnmanagedCallersOnly]
    private static int SetFunctionAttribute(nint function, int attribute, int value) =>
        Call("cuFuncSetAttribute", $"{function:X}, {attribute}, {value}");
}
