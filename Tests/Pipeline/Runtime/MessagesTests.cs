using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class MessagesTests
{
    private static readonly UnequalMicrobatches Data = new(3);

    [Test]
    public void Every_message_has_been_posted_when_it_is_asked_for()
    {
        using Watch watch = new();
        using MixedBench bench = new(Schedules.OneForwardOneBackward(3, 3), transport: watch);
        bench.Runner.Step(Data);
        Assert.That(watch.Asked, Is.Not.Empty.And.SubsetOf(watch.Posted));
        Assert.That(watch.Sent.Where(m => m.Action.Kind is ActionKind.ReceiveForward or ActionKind.ReceiveBackward),
            Is.EquivalentTo(watch.Posted), "what is posted comes");
        Assert.That(watch.Posted.Select(m => m.ToString()), Does.Contain("1RECV_F0").And.Contain("1RECV_F0#1"));
    }

    [Test]
    public void No_gradient_goes_to_stages_that_have_nothing_to_train_nor_anything_before_them()
    {
        using Watch watch = new();
        using MixedBench bench = new(Schedules.OneForwardOneBackward(4, 3), transport: watch);
        foreach (Parameter parameter in bench.Runner.Stages.Take(2).SelectMany(s => s.Parameters)) parameter.Trainable = false;
        bench.Runner.Step(Data);
        Assert.That(watch.Sent.Where(m => m.Action.Kind == ActionKind.ReceiveBackward).Select(m => m.Action.Stage).Distinct(),
            Is.EqualTo(new[] { 2 }));
        foreach (Parameter parameter in bench.Model.Parameters) parameter.Trainable = true;
        watch.Sent.Clear();
        bench.Runner.Step(Data);
        var gradients = watch.Sent.Where(m => m.Action.Kind == ActionKind.ReceiveBackward);
        Assert.That(gradients.Select(m => m.Action.Stage).Distinct().Order(), Is.EqualTo(new[] { 0, 1, 2 }));
    }

    [Test]
    public void A_schedule_that_updates_within_a_step_is_refused()
    {
        Assert.That(() => new PipelineBench(Schedule.FromCsv("0F0,0B0,0U0,0F1,0B1,0U1")).Dispose(),
            Throws.TypeOf<PipelineException>().With.Message.Contains("0U0"));
    }

    /// <summary>Moves tensors as usual, and notes them.</summary>
    private sealed class Watch : ITransport
    {
        private readonly InProcessTransport _inner = new();

        public List<Message> Posted { get; } = [];

        public List<Message> Sent { get; } = [];

        public HashSet<Message> Asked { get; } = [];

        public void Post(Message message, IBackend backend)
        {
            lock (Posted) Posted.Add(message);
        }

        public void Send(Message message, in View data, IBackend backend)
        {
            lock (Sent) Sent.Add(message);
            _inner.Send(message, data, backend);
        }

        public Received Receive(Message message, CancellationToken cancellation)
        {
            Note(message);
            return _inner.Receive(message, cancellation);
        }

        public bool TryReceive(Message message, out Received data)
        {
            Note(message);
            return _inner.TryReceive(message, out data);
        }

        public void Clear() => _inner.Clear();

        public void Dispose() => _inner.Dispose();

        private void Note(Message message)
        {
            if (message.Action.Kind is not (ActionKind.ReceiveForward or ActionKind.ReceiveBackward)) return;
            lock (Posted) Assert.That(Posted, Does.Contain(message));
            lock (Asked) Asked.Add(message);
        }
    }
}
