using AutogradCore.Kernels;
using AutogradCore.Kernels.Cuda;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Cuda;

/// <summary>The order in which a library's context gives way to the primary one, and comes back, over a driver of C#
/// methods.</summary>
public sealed class PrimaryContextTests
{
    private const nint Original = 0xA0;
    private readonly List<nint> _handles = [];
    private CudaDriver _driver = null!;

    [SetUp]
    public void Open()
    {
        _driver = FakeCuda.Open();
        FakeCuda.Current = Original;
        _handles.Clear();
    }

    [Test]
    public void The_primary_context_is_retained_made_current_and_then_shown_to_the_library()
    {
        using PrimaryContext primary = Adopt();
        Assert.That(FakeCuda.Calls, Is.EqualTo(new[]
        {
            "cuCtxGetCurrent()", "cuDevicePrimaryCtxRetain(2)", "cuCtxSetCurrent(C1)",
        }));
        Assert.That(_handles, Is.EqualTo(new[] { FakeCuda.Primary }));
        Assert.That(FakeCuda.Current, Is.EqualTo(FakeCuda.Primary));
    }

    [Test]
    public void The_library_has_its_own_handle_back_before_the_primary_context_is_released()
    {
        PrimaryContext primary = Adopt();
        _ = FakeCuda.Calls;
        primary.PutBack();
        Assert.That(_handles[^1], Is.EqualTo(Original));
        Assert.That(FakeCuda.Calls, Is.Empty, "the library destroys its context now");
        primary.Dispose();
        Assert.That(FakeCuda.Calls, Is.EqualTo(new[] { "cuDevicePrimaryCtxRelease(2)" }));
        Assert.That(_handles, Has.Count.EqualTo(2));
    }

    [Test]
    public void Disposal_alone_puts_the_handle_back_and_a_second_one_does_nothing()
    {
        PrimaryContext primary = Adopt();
        _ = FakeCuda.Calls;
        primary.Dispose();
        primary.Dispose();
        primary.PutBack();
        Assert.That(_handles, Is.EqualTo(new[] { FakeCuda.Primary, Original }));
        Assert.That(FakeCuda.Calls, Is.EqualTo(new[] { "cuDevicePrimaryCtxRelease(2)" }));
    }

    [TestCase("cuCtxGetCurrent", new[] { "cuCtxGetCurrent()" })]
    [TestCase("cuDevicePrimaryCtxRetain", new[] { "cuCtxGetCurrent()", "cuDevicePrimaryCtxRetain(2)" })]
    [TestCase("cuCtxSetCurrent", new[]
    {
        "cuCtxGetCurrent()", "cuDevicePrimaryCtxRetain(2)", "cuCtxSetCurrent(C1)", "cuCtxSetCurrent(A0)",
        "cuDevicePrimaryCtxRelease(2)",
    })]
    public void A_call_that_fails_is_named_and_leaves_all_as_it_was(string function, string[] calls)
    {
        FakeCuda.Fail(function, FakeCuda.OutOfMemory);
        Assert.That(Adopt, Throws.TypeOf<DeviceException>().With.Message
            .EqualTo($"{function} failed: CUDA_ERROR_OUT_OF_MEMORY (out of memory)."));
        Assert.That(FakeCuda.Calls, Is.EqualTo(calls));
        Assert.That((FakeCuda.Current, _handles.Count), Is.EqualTo((Original, 0)));
    }

    [Test]
    public void A_library_that_does_not_take_the_handle_leaves_all_as_it_was()
    {
        Assert.That(() => PrimaryContext.Adopt(_driver, 2, () => Original, _ => throw new MissingMethodException("set")),
            Throws.TypeOf<MissingMethodException>());
        Assert.That(FakeCuda.Calls[^2..], Is.EqualTo(new[] { "cuCtxSetCurrent(A0)", "cuDevicePrimaryCtxRelease(2)" }));
        Assert.That(FakeCuda.Current, Is.EqualTo(Original));
    }

    [Test]
    public void A_release_that_fails_is_told_once()
    {
        PrimaryContext primary = Adopt();
        FakeCuda.Fail("cuDevicePrimaryCtxRelease", FakeCuda.InvalidValue);
        Assert.That(primary.Dispose, Throws.TypeOf<DeviceException>());
        Assert.That(_handles[^1], Is.EqualTo(Original));
        Assert.That(primary.Dispose, Throws.Nothing);
    }

    private PrimaryContext Adopt() => PrimaryContext.Adopt(_driver, 2, () => Original, _handles.Add);
}
