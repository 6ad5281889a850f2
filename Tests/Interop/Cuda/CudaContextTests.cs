using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AutogradCore.Interop;
using NUnit.Framework;

namespace AutogradCore.Tests.Interop;

/// <summary>On a driver of one device, made of methods.</summary>
public sealed unsafe class CudaContextTests
{
    private const int Own = 0x10, Primary = 0x20;
    private static readonly List<string> s_calls = [];
    private static nint s_current;
    private static int s_isActive, s_retained;
    private static readonly nint s_name = Marshal.StringToCoTaskMemUTF8("CUDA_ERROR_CONTEXT_IS_DESTROYED");

    [SetUp]
    public void Fresh()
    {
        s_calls.Clear();
        (s_current, s_isActive, s_retained) = (Own, 1, 0);
    }

    [TestCase(Own, 1, ExpectedResult = false)]
    [TestCase(Primary, 1, ExpectedResult = true)]
    public bool The_primary_context_is_told_from_others(int current, int isActive)
    {
        (s_current, s_isActive) = (current, isActive);
        CudaContext context = Current();
        Assert.That(s_retained, Is.Zero);
        return context.IsPrimary;
    }

    [Test]
    public void A_primary_context_that_nobody_has_is_not_made()
    {
        s_isActive = 0;
        Assert.That(Current().IsPrimary, Is.False);
        Assert.That(s_calls, Has.None.EqualTo("retain"));
    }

    [Test]
    public void It_becomes_the_threads_context_again()
    {
        CudaContext context = Current();
        s_current = Primary;
        context.MakeCurrent();
        Assert.That(s_current, Is.EqualTo((nint)Own));
    }

    [Test]
    public void A_refusal_carries_the_drivers_own_name_for_it()
    {
        CudaContext context = Current();
        s_current = -1;
        Assert.That(context.MakeCurrent, Throws.TypeOf<CudaException>().With.Message.EqualTo(
            "cuCtxSetCurrent gave CUDA_ERROR_CONTEXT_IS_DESTROYED (709)."));
    }

    [Test]
    public void A_thread_without_a_context_is_a_reason()
    {
        s_current = 0;
        Assert.That(CudaContext.TryGetCurrent(Symbol, out _, out string? reason), Is.False);
        Assert.That(reason, Is.EqualTo("no CUDA context is current on this thread"));
    }

    [Test]
    public void A_driver_without_a_function_is_a_reason()
    {
        Assert.That(CudaContext.TryGetCurrent(n => n == "cuCtxSetCurrent" ? 0 : Symbol(n), out _, out string? reason), Is.False);
        Assert.That(reason, Is.EqualTo("the CUDA driver has no cuCtxSetCurrent"));
    }

    [Test]
    public void Every_machine_gives_a_context_or_a_reason() =>
        Assert.That(CudaContext.TryGetCurrent(out CudaContext? context, out string? reason) ? context : (object?)reason,
            Is.Not.Null);

    private static CudaContext Current() =>
        CudaContext.TryGetCurrent(Symbol, out CudaContext? context, out string? reason)
            ? context
            : throw new InvalidOperationException(reason);

    private static nint Symbol(string name) => name switch
    {
        "cuCtxGetCurrent" => (nint)(delegate* unmanaged[Cdecl]<nint*, int>)&GetCurrent,
        "cuCtxSetCurrent" => (nint)(delegate* unmanaged[Cdecl]<nint, int>)&SetCurrent,
        "cuCtxGetDevice" => (nint)(delegate* unmanaged[Cdecl]<int*, int>)&GetDevice,
        "cuDevicePrimaryCtxGetState" => (nint)(delegate* unmanaged[Cdecl]<int, uint*, int*, int>)&GetState,
        "cuDevicePrimaryCtxRetain" => (nint)(delegate* unmanaged[Cdecl]<nint*, int, int>)&Retain,
        "cuDevicePrimaryCtxRelease_v2" => (nint)(delegate* unmanaged[Cdecl]<int, int>)&Release,
        "cuGetErrorName" => (nint)(delegate* unmanaged[Cdecl]<int, nint*, int>)&ErrorName,
        _ => 0,
    };

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetCurrent(nint* context)
    {
        *context = s_current;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SetCurrent(nint context)
    {
        if (s_current < 0) return 709;
        s_current = context;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetDevice(int* device)
    {
        *device = 3;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetState(int device, uint* flags, int* isActive)
    {
        (*flags, *isActive) = (0, s_isActive);
        return device == 3 ? 0 : 101;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Retain(nint* context, int device)
    {
        s_calls.Add("retain");
        s_retained++;
        *context = Primary;
        return device == 3 ? 0 : 101;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Release(int device)
    {
        s_retained--;
        return device == 3 ? 0 : 101;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ErrorName(int code, nint* name)
    {
        *name = s_name;
        return 0;
    }
}
