using System.Collections.Concurrent;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class LinkProbeTests
{
    private readonly ReferenceBackend _here = new(), _there = new();

    [OneTimeTearDown]
    public void Dispose()
    {
        _here.Dispose();
        _there.Dispose();
    }

    [Test]
    public void Tensors_of_several_sizes_around_the_real_one_go_both_ways()
    {
        Watch watch = new();
        Link link = new LinkProbe(watch, _here, _there).Measure(4096, rounds: 3);
        Assert.That(link.Bytes, Is.EqualTo(4096));
        Assert.That(link.Time, Is.Positive);
        foreach (IBackend sender in (IBackend[])[_here, _there])
            Assert.That(watch.Sent.Where(s => s.Sender == sender).Select(s => s.Bytes).Distinct().Order(),
                Is.EqualTo(new long[] { 1024, 2048, 4096, 8192, 16384 }));
        Assert.That((_here.Memory.Outstanding, _there.Memory.Outstanding), Is.EqualTo((0, 0)));
    }

    [Test]
    public void A_message_of_no_bytes_has_a_latency() =>
        Assert.That(new LinkProbe(new InProcessTransport(), _here, _there).Measure(0, rounds: 1).Latency, Is.Positive);

    [Test]
    public void A_transport_that_fails_on_one_side_ends_the_measurement_with_its_error()
    {
        Watch watch = new() { FailsFor = _there };
        Assert.That(() => new LinkProbe(watch, _here, _there).Seconds(64, 1), Throws.InstanceOf<IOException>());
        Assert.That((_here.Memory.Outstanding, _there.Memory.Outstanding), Is.EqualTo((0, 0)));
    }

    private sealed class Watch : ITransport
    {
        private readonly InProcessTransport _inner = new();

        public ConcurrentBag<(IBackend Sender, long Bytes)> Sent { get; } = [];

        public IBackend? FailsFor { get; init; }

        public void Send(Message message, in View data, IBackend backend)
        {
            if (backend == FailsFor) throw new IOException("the wire is cut");
            Sent.Add((backend, data.Bytes));
            _inner.Send(message, data, backend);
        }

        public Received Receive(Message message, CancellationToken cancellation) => _inner.Receive(message, cancellation);

        public bool TryReceive(Message message, out Received data) => _inner.TryReceive(message, out data);

        public void Clear() => _inner.Clear();

        public void Dispose() => _inner.Dispose();
    }
}
