using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Adds a parameter whose weight rule does something else first when it is told to.</summary>
internal sealed class GradientTrap : Module
{
    private readonly Parameter _weight = new([8]);

    public System.Action? WhenRun { get; set; }

    public override Value Forward(Value x) => new Trap(this).Apply(x, x.Graph.Parameter(_weight));

    private sealed class Trap(GradientTrap owner) : Op
    {
        public override void Infer(Signature s) => s.Output(s[0], s.DType(0));

        public override void Forward(in ForwardContext c) => c.Backend.Copy(c[0], Destination.Into(c.Y));

        public override void Gradient(in GradientContext c)
        {
            if (c.Wants(0, out Destination dx)) c.Backend.Copy(c.Dy, dx);
            if (!c.Wants(1, out Destination dw)) return;
            owner.WhenRun?.Invoke();
            if (!dw.Accumulates) c.Backend.Fill(dw.View, 1);
        }
    }
}

/// <summary>Three stages with a trap in the first, and W at the end of the step.</summary>
internal sealed class TrapBench : IDisposable
{
    private readonly Sequential _model;
    private readonly HostBackend[] _backends = [new(1), new(1), new(1)];
    private readonly ITransport _transport;

    public TrapBench(GradientTrap trap, PipelineOptions options, ITransport transport)
    {
        Skip skip = new();
        Module[] layers =
        [
            new GptEmbedding(new GptConfig(13, 6, 1, 1, 8)), skip.Out, trap, new TransformerBlock(8, 2), skip.In((x, s) => x + s),
            new Linear(8, 13),
        ];
        _model = new Sequential(layers);
        _model.AssignNames();
        int[] starts = [0, 3, 4];
        for (int l = 0; l < layers.Length; l++)
            foreach (Parameter parameter in layers[l].Parameters())
                parameter.Initialize(_backends[Array.FindLastIndex(starts, s => s <= l)], 4);
        Schedule schedule = SplitBackward.Apply(Schedules.OneForwardOneBackward(3, 5), TwoStage.End);
        Runner = new PipelineRunner(layers, starts, _backends, schedule, options, _transport = transport);
    }

    public PipelineRunner Runner { get; }

    public void Dispose()
    {
        Runner.Dispose();
        _transport.Dispose();
        _model.Dispose();
        foreach (HostBackend backend in _backends)
        {
            Assert.That(backend.Memory.Outstanding, Is.Zero, "the runner leaks buffers");
            backend.Dispose();
        }
    }
}
