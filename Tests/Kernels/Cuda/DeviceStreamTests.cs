using AutogradCore.Kernels;
using AutogradCore.Kernels.Cuda;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Cuda;

/// <summary>Streams and events as the driver hears of them.</summary>
public sealed class DeviceStreamTests
{
    private CudaDriver _driver = null!;

    [SetUp]
    public void Open() => _driver = FakeCuda.Open();

    [Test]
    public void Streams_do_not_wait_for_the_default_stream_and_events_take_no_times()
    {
        using (DeviceStream stream = new(_driver))
        using (DeviceEvent mark = new(_driver))
            Assert.That((stream.Handle, mark.IsRecorded), Is.EqualTo(((nint)0x51, false)));
        Assert.That(FakeCuda.Calls, Is.EqualTo(new[]
        {
            "cuStreamCreate(1)", "cuEventCreate(2)", "cuEventDestroy(52)", "cuStreamDestroy(51)",
        }));
    }

    [Test]
    public void Communication_beside_the_computation_is_ordered_both_ways_without_the_host_waiting()
    {
        using DeviceStream work = new(_driver), side = new(_driver);
        using DeviceEvent ready = new(_driver), sent = new(_driver);
        _ = FakeCuda.Calls;
        work.Record(ready);
        side.Wait(ready);
        side.Record(sent);
        work.Wait(sent);
        Assert.That(FakeCuda.Calls, Is.EqualTo(new[]
        {
            "cuEventRecord(53, 51)", "cuStreamWaitEvent(52, 53, 0)", "cuEventRecord(54, 52)", "cuStreamWaitEvent(51, 54, 0)",
        }));
    }

    [Test]
    public void An_event_tells_whether_it_is_done_without_waiting()
    {
        using DeviceStream stream = new(_driver);
        using DeviceEvent mark = new(_driver);
        FakeCuda.IsIdle = false;
        stream.Record(mark);
        Assert.That(mark.IsDone, Is.False);
        FakeCuda.IsIdle = true;
        Assert.That(mark.IsDone, Is.True);
        Assert.That(FakeCuda.Calls, Has.None.StartWith("cuStreamSynchronize"));
    }

    [Test]
    public void An_event_that_was_never_recorded_cannot_be_waited_for()
    {
        using DeviceStream stream = new(_driver);
        using DeviceEvent mark = new(_driver);
        Assert.That(() => stream.Wait(mark), Throws.InvalidOperationException);
        Assert.That(() => mark.IsDone, Throws.InvalidOperationException);
        FakeCuda.Fail("cuEventRecord", FakeCuda.InvalidValue);
        Assert.That(() => stream.Record(mark), Throws.TypeOf<DeviceException>());
        Assert.That(() => stream.Wait(mark), Throws.InvalidOperationException, "recording failed");
        Assert.That(FakeCuda.Calls, Has.None.StartWith("cuStreamWaitEvent"), "the driver would have let it pass");
    }

    [Test]
    public void What_is_disposed_is_given_back_once_and_used_no_more()
    {
        DeviceStream stream = new(_driver);
        DeviceEvent mark = new(_driver);
        using DeviceStream other = new(_driver);
        other.Record(mark);
        stream.Dispose();
        stream.Dispose();
        mark.Dispose();
        mark.Dispose();
        Assert.That(FakeCuda.Calls.Count(call => call.Contains("Destroy")), Is.EqualTo(2));
        Assert.That(() => stream.Wait(mark), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(stream.Synchronize, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => other.Record(mark), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => other.Wait(mark), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void A_device_with_one_queue_waits_when_an_event_is_recorded()
    {
        int waits = 0;
        using DeviceStream queue = new(() => waits++);
        using DeviceEvent mark = new();
        Assert.That(() => queue.Wait(mark), Throws.InvalidOperationException);
        queue.Record(mark);
        Assert.That((waits, mark.IsDone, queue.Handle), Is.EqualTo((1, true, (nint)0)));
        queue.Wait(mark);
        queue.Synchronize();
        Assert.That(waits, Is.EqualTo(2));
    }
}
