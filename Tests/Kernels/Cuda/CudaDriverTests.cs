using AutogradCore.Kernels;
using AutogradCore.Kernels.Cuda;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Cuda;

/// <summary>The driver's functions, over a driver written in C#.</summary>
public sealed class CudaDriverTests
{
    [Test]
    public void A_library_that_cannot_be_loaded_is_a_reason()
    {
        Assert.That(CudaDriver.Open(out string? reason, "libno.so.7", "nor.dll"), Is.Null);
        Assert.That(reason, Is.EqualTo("no CUDA driver (libno.so.7, nor.dll) can be loaded"));
    }

    [Test]
    public void A_library_without_the_functions_is_a_reason_that_names_them()
    {
        string library = OperatingSystem.IsWindows() ? "kernel32.dll" : "libc.so.6";
        Assert.That(CudaDriver.Open(out string? reason, library), Is.Null);
        Assert.That(reason, Does.StartWith("the CUDA driver lacks cuGetErrorName, cuGetErrorString, "));
    }

    [Test]
    public void Each_function_that_is_missing_is_named([ValueSource(typeof(FakeCuda), nameof(FakeCuda.Functions))] string missing)
    {
        Assert.That(CudaDriver.Resolve(name => name == missing ? 0 : FakeCuda.Export(name), out string? reason), Is.Null);
        Assert.That(reason, Is.EqualTo($"the CUDA driver lacks {missing}"));
    }

    [Test]
    public void With_all_functions_there_is_no_reason()
    {
        Assert.That(CudaDriver.Resolve(FakeCuda.Export, out string? reason), Is.Not.Null);
        Assert.That(reason, Is.Null);
    }

    [Test]
    public void Asking_for_this_machines_driver_gives_it_or_a_reason() =>
        Assert.That(CudaDriver.Installed(out string? reason) is null, Is.EqualTo(reason is not null));

    [Test]
    public void Arguments_arrive_and_results_come_back()
    {
        CudaDriver driver = FakeCuda.Open();
        driver.Initialize();
        Assert.That(driver.RetainPrimary(3), Is.EqualTo(FakeCuda.Primary));
        driver.Current = FakeCuda.Primary;
        Assert.That(driver.Current, Is.EqualTo(FakeCuda.Primary));
        nint stream = driver.CreateStream(), mark = driver.CreateEvent();
        driver.Record(mark, stream);
        driver.Wait(stream, mark);
        driver.Synchronize(stream);
        driver.DestroyEvent(mark);
        driver.DestroyStream(stream);
        Assert.That(driver.OptInSharedBytes(3), Is.EqualTo(227 * 1024));
        Assert.That(driver.FixedSharedBytes(0xF), Is.EqualTo(1024));
        driver.AllowDynamicShared(0xF, 70000);
        driver.ReleasePrimary(3);
        Assert.That(FakeCuda.Calls, Is.EqualTo(new[]
        {
            "cuInit(0)",
            "cuDevicePrimaryCtxRetain(3)", "cuCtxSetCurrent(C1)", "cuCtxGetCurrent()", "cuStreamCreate(1)", "cuEventCreate(2)",
            "cuEventRecord(52, 51)", "cuStreamWaitEvent(51, 52, 0)", "cuStreamSynchronize(51)", "cuEventDestroy(52)",
            "cuStreamDestroy(51)", "cuDeviceGetAttribute(97, 3)", "cuFuncGetAttribute(1, F)", "cuFuncSetAttribute(F, 8, 70000)",
            "cuDevicePrimaryCtxRelease(3)",
        }));
    }

    [Test]
    public void Work_that_is_not_done_is_no_error()
    {
        CudaDriver driver = FakeCuda.Open();
        FakeCuda.IsIdle = false;
        Assert.That(driver.IsDone(0xE), Is.False);
        FakeCuda.IsIdle = true;
        Assert.That(driver.IsDone(0xE), Is.True);
    }

    [Test]
    public void An_error_names_the_function_and_says_what_the_driver_says()
    {
        CudaDriver driver = FakeCuda.Open();
        FakeCuda.Fail("cuStreamCreate", FakeCuda.OutOfMemory);
        Assert.That(() => driver.CreateStream(), Throws.TypeOf<DeviceException>().With.Message
            .EqualTo("cuStreamCreate failed: CUDA_ERROR_OUT_OF_MEMORY (out of memory)."));
        FakeCuda.Fail("cuEventQuery", 12345);
        Assert.That(() => driver.IsDone(0xE), Throws.TypeOf<DeviceException>().With.Message
            .EqualTo("cuEventQuery failed: CUDA error 12345 (CUDA error 12345)."));
    }
}
