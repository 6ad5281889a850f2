extern alias simt;

using AutogradCore.Kernels;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Kernels.Simt;

/// <summary>The emulator as a device: streams have nothing to wait for, and misuse shows all the same.</summary>
public sealed unsafe class SimtDeviceTests
{
    [Test]
    public void What_was_queued_before_an_event_is_there_for_those_that_waited()
    {
        using SimtDevice device = new();
        using DeviceStream side = device.CreateStream();
        using DeviceEvent ready = device.CreateEvent();
        nint block = device.Allocate(sizeof(int));
        device.Launch<Place>(Write, new(1, 1), new() { X = device.View<int>(block, 0, 1) });
        device.Stream.Record(ready);
        side.Wait(ready);
        side.Synchronize();
        int found = 0;
        device.Download(block, 0, &found, sizeof(int));
        Assert.That((found, ready.IsDone), Is.EqualTo((7, true)));
        device.Free(block);
    }

    [Test]
    public void An_event_that_was_never_recorded_cannot_be_waited_for()
    {
        using SimtDevice device = new();
        using DeviceStream side = device.CreateStream();
        using DeviceEvent mark = device.CreateEvent();
        Assert.That(() => side.Wait(mark), Throws.InvalidOperationException);
        Assert.That(() => device.Stream.Wait(mark), Throws.InvalidOperationException);
    }

    [Test]
    public void There_is_no_handle_for_other_libraries()
    {
        using SimtDevice device = new();
        device.MakeCurrent();
        Assert.That((device.StreamHandle, device.CreateStream().Handle), Is.EqualTo(((nint)0, (nint)0)));
    }

    private static void Write(Place a) => a.X[0] = 7;

    private struct Place
    {
        public ArrayView<int> X;
    }
}
