using AutogradCore.Kernels.Ilgpu;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>What the change of an accelerator's context leans on in ILGPU, shown on its simulator.</summary>
public sealed class CudaRuntimeTests
{
    [Test]
    public void An_accelerators_native_pointer_can_be_changed()
    {
        using Context context = IlgpuContext.Create();
        using Accelerator accelerator = context.CreateCPUAccelerator(0);
        nint before = accelerator.NativePtr;
        CudaRuntime.SetNativePtr(accelerator, 0x1234);
        Assert.That(accelerator.NativePtr, Is.EqualTo((nint)0x1234));
        CudaRuntime.SetNativePtr(accelerator, before);
        Assert.That(accelerator.NativePtr, Is.EqualTo(before));
    }

    [Test]
    public void What_is_left_for_the_disposal_comes_after_all_else_of_the_accelerator()
    {
        List<string> order = [];
        using Context context = IlgpuContext.Create();
        Accelerator accelerator = context.CreateCPUAccelerator(0);
        AcceleratorObject kernel = CudaRuntime.OnDisposal(accelerator, () => order.Add("kernel"));
        AcceleratorObject buffer = CudaRuntime.OnDisposal(accelerator, () => order.Add("buffer"));
        AcceleratorObject last = CudaRuntime.OnDisposal(accelerator, () => order.Add($"last, at {accelerator.NativePtr}"));
        CudaRuntime.SetNativePtr(accelerator, 7);
        buffer.Dispose();
        accelerator.Dispose();
        Assert.That(order, Is.EqualTo(new[] { "buffer", "kernel", "last, at 7" }));
        Assert.That(accelerator.NativePtr, Is.EqualTo((nint)0));
        GC.KeepAlive((kernel, last));
    }
}
