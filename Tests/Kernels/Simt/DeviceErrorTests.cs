extern alias simt;

using AutogradCore.Kernels;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Kernels.Simt;

/// <summary>What a device cannot do is an error of its own type, and nothing else stops working.</summary>
public sealed class DeviceErrorTests
{
    [Test]
    public void Memory_that_runs_out_is_refused_with_what_was_asked_for_what_is_free_and_what_is_lent()
    {
        using SimtBackend backend = new(new SimtDevice(new SimtOptions { MemoryBytes = 1 << 20 }));
        using Tensor first = new(backend, [300, 256], DType.Float32), second = new(backend, [300, 256], DType.Float32);
        using Tensor small = new(backend, [256], DType.Float32);
        AllocationException error = Assert.Throws<AllocationException>(() => _ = new Tensor(backend, [400, 256], DType.Float32))!;
        Assert.That(error.Message, Does.Contain("409,600").And.Contain("2 x 307,200, 1 x 1,024").And.Contain("are free"));
        Assert.That(error.Hint, Does.Contain("microbatches"));
        first.Dispose();
        using Tensor now = new(backend, [400, 256], DType.Float32);
        backend.Fill(now.View, 2);
        Assert.That(now.ToArray<float>(), Is.All.EqualTo(2));
    }

    [Test]
    public void A_launch_that_does_not_fit_names_the_kernel_and_its_shape_and_the_backends_go_on()
    {
        using SimtBackend backend = new(new SimtDevice(new SimtOptions { MaxGroupSize = 8 }));
        using HostBackend host = new(1);
        using Tensor x = new(backend, [64], DType.Float32), y = new(host, [64], DType.Float32);
        backend.Upload<float>(new float[64], x.View);
        KernelException error = Assert.Throws<KernelException>(() => backend.Fill(x.View, 1))!;
        Assert.That(error.Message, Does.StartWith("Kernel Fill").And.Contain("groups of up to 8 lanes"));
        host.Fill(y.View, 3);
        Assert.That(y.ToArray<float>(), Is.All.EqualTo(3));
        Assert.That(x.ToArray<float>(), Is.All.Zero, "what the device had before is still there");
    }
}
