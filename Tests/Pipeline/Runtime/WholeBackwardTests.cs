using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class WholeBackwardTests
{
    [TestCase(TwoStage.Off, true)]
    [TestCase(TwoStage.End, false)]
    public void A_whole_backward_sends_when_all_of_it_is_done_and_a_split_one_before_its_weights(TwoStage split, bool weightsDone)
    {
        using HostBackend first = new(1), last = new(1);
        using Gpt model = new(TinyGpt.Config);
        model.AssignNames();
        foreach (Module layer in model.Layers)
            foreach (Parameter parameter in layer.Parameters())
                parameter.Initialize(layer == model.Layers[^1] ? last : first, TinyGpt.Seed);
        List<bool> seen = [];
        using Spy spy = new(() => seen.Add(model.Layers[^1].Parameters().All(p => p.HasGradient)));
        Schedule schedule = SplitBackward.Apply(Schedules.GPipe(2, 1), split);
        using PipelineRunner runner = new(model.Layers, [0, model.Layers.Count - 1], [first, last], schedule, TinyGpt.Options,
            spy);
        runner.Step(TinyGpt.Data(0, 1));
        Assert.That(seen, Is.EqualTo(new[] { weightsDone }));
    }

    /// <summary>Moves tensors as usual, and looks when a gradient leaves.</summary>
    private sealed class Spy(System.Action gradientLeaves) : ITransport
    {
        private readonly InProcessTransport _inner = new();

        public void Send(Message message, in View data, IBackend backend)
        {
            if (message.Action.Kind == ActionKind.ReceiveBackward) gradientLeaves();
            _inner.Send(message, data, backend);
        }

        public Received Receive(Message message, CancellationToken cancellation) => _inner.Receive(message, cancellation);

        public bool TryReceive(Message message, out Received data) => _inner.TryReceive(message, out data);

        public void Clear() => _inner.Clear();

        public void Dispose() => _inner.Dispose();
    }
}
