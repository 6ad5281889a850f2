using AutogradCore.Kernels;
using AutogradCore.Kernels.Cuda;
using AutogradCore.Kernels.Ilgpu;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Cuda;

/// <summary>Shared memory beyond what every launch may have; the fake driver's kernels have 1,024 bytes of it fixed.</summary>
public sealed class SharedMemoryOptInTests
{
    private const int Unasked = 48 * 1024, Fixed = 1024, Limit = 227 * 1024;
    private SharedMemoryOptIn _shared = null!;

    [SetUp]
    public void Open()
    {
        _shared = new(FakeCuda.Open(), 0xF, "TileKernel", Unasked, Limit);
        Assert.That(FakeCuda.Calls, Is.EqualTo(new[] { "cuFuncGetAttribute(1, F)" }));
    }

    [Test]
    public void What_every_launch_may_have_is_not_asked_for()
    {
        _shared.Allow(Shape(Unasked - Fixed));
        Assert.That(FakeCuda.Calls, Is.Empty);
    }

    [Test]
    public void More_is_asked_for_once_and_again_only_for_more()
    {
        foreach (int bytes in new[] { 60000, 60000, 50000, 0, 70000, 60000 }) _shared.Allow(Shape(bytes));
        Assert.That(FakeCuda.Calls, Is.EqualTo(new[] { "cuFuncSetAttribute(F, 8, 60000)", "cuFuncSetAttribute(F, 8, 70000)" }));
    }

    [Test]
    public void Fixed_and_dynamic_memory_count_together()
    {
        _shared.Allow(Shape(Unasked - Fixed + 4));
        Assert.That(FakeCuda.Calls, Has.Length.EqualTo(1));
        _shared.Allow(Shape(Limit - Fixed));
        Assert.That(() => _shared.Allow(Shape(Limit - Fixed + 4)), Throws.TypeOf<KernelException>());
    }

    [Test]
    public void More_than_there_is_is_refused_with_kernel_shape_and_limit()
    {
        KernelException error = Assert.Throws<KernelException>(() => _shared.Allow(Shape(Limit)))!;
        Assert.That(error.Message, Does.StartWith("Kernel TileKernel cannot be launched as 2x1x1 groups of 256 with 232448 "
            + "shared bytes: a group would have 233472 bytes of shared memory, 1024 of them fixed, and the device has 232448 "
            + "for it."));
        Assert.That(FakeCuda.Calls, Is.Empty, "the driver was not bothered");
    }

    [Test]
    public void The_drivers_refusal_names_the_kernel_and_is_asked_again_the_next_time()
    {
        FakeCuda.Fail("cuFuncSetAttribute", FakeCuda.InvalidValue);
        Assert.That(() => _shared.Allow(Shape(60000)), Throws.TypeOf<KernelException>().With.Message
            .Contains("Kernel TileKernel").And.Message.Contains("cuFuncSetAttribute failed: CUDA_ERROR_INVALID_VALUE"));
        FakeCuda.Fail("cuFuncSetAttribute", 0);
        _shared.Allow(Shape(60000));
        Assert.That(FakeCuda.Calls, Has.Length.EqualTo(2));
    }

    private static LaunchShape Shape(int shared) => new(2, 256, SharedBytes: shared);
}
