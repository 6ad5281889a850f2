extern alias simt;

using AutogradCore.Kernels;
using AutogradCore.Pipeline;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Kernels.Simt;

/// <summary>Which hand-overs between stages wait for the device.</summary>
public sealed class WaitingTests
{
    private static readonly Message Message = new AutogradCore.Pipeline.Action(1, ActionKind.ReceiveForward, 0);

    [Test]
    public void Between_backends_on_one_device_a_send_does_not_wait()
    {
        CountingDevice device = new();
        using SimtBackend here = new(device), there = new(device);
        using InProcessTransport transport = new([here, there]);
        Assert.That(WaitsOfSend(device, here, transport), Is.Zero);
    }

    [Test]
    public void Between_other_backends_a_send_waits_for_the_sender()
    {
        CountingDevice device = new();
        using SimtBackend here = new(device), apart = new(new CountingDevice());
        using HostBackend host = new(1);
        using InProcessTransport toDevice = new([here, apart]), toHost = new([here, host]), any = new();
        foreach (InProcessTransport transport in new[] { toDevice, toHost, any })
            Assert.That(WaitsOfSend(device, here, transport), Is.EqualTo(1));
    }

    [Test]
    public void After_a_verb_that_looks_at_indices_a_send_waits_once()
    {
        CountingDevice device = new();
        using SimtBackend here = new(device), there = new(device);
        using InProcessTransport transport = new([here, there]);
        using Tensor table = Tensor.From<float>(here, new float[4], [2, 2]), y = new(here, [1, 2]);
        using Tensor ids = Tensor.From<int>(here, [1], [1]);
        here.Gather(table.View, ids.View, Destination.Into(y.View));
        Assert.That(WaitsOfSend(device, here, transport), Is.EqualTo(1));
        Assert.That(WaitsOfSend(device, here, transport), Is.Zero);
    }

    /// <summary>Sends a tensor; the receiver gets its elements.</summary>
    private static int WaitsOfSend(CountingDevice device, SimtBackend backend, InProcessTransport transport)
    {
        using Tensor x = new(backend, [3], DType.Float32);
        backend.Fill(x.View, 2);
        int before = device.Waits;
        transport.Send(Message, x.View, backend);
        int waits = device.Waits - before;
        using Received received = transport.Receive(Message, default);
        float[] found = new float[3];
        backend.Download(received.View, found);
        Assert.That(found, Is.All.EqualTo(2));
        return waits;
    }
}
