using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>A tiny GPT under a schedule, with all it owns.</summary>
internal sealed class PipelineBench : IDisposable
{
    private readonly Gpt _model = new(TinyGpt.Config);

    public PipelineBench(Schedule schedule, TrickLayer? trick = null, PipelineOptions? options = null,
        ITransport? transport = null)
    {
        _model.AssignNames();
        List<Module> layers = [.. _model.Layers];
        if (trick is not null) layers.Insert(2, trick);
        int[] starts = LayerSplit.Balance([.. layers.Select(_ => 1.0)], schedule.Stages);
        if (trick is not null) starts[1] = 2;
        Backends = [.. starts.Select(_ => new HostBackend(1))];
        for (int l = 0; l < layers.Count; l++)
            foreach (Parameter parameter in layers[l].Parameters())
                parameter.Initialize(Backends[Array.FindLastIndex(starts, s => s <= l)], TinyGpt.Seed);
        Runner = new PipelineRunner(layers, starts, Backends, schedule, options ?? TinyGpt.Options, transport);
    }

    public HostBackend[] Backends { get; }

    public PipelineRunner Runner { get; }

    public StepResult Step(int step = 0) => Runner.Step(TinyGpt.Data(step, Runner.Schedule.Microbatches));

    public float[][] Values() => [.. Runner.Parameters.Select(p => p.Data.ToArray<float>())];

    public long HeldBytes => Backends.Sum(b => b.Memory.CurrentBytes);

    public long PeakOfStage(int stage) => Backends[stage].Memory.PeakBytes;

    public void Dispose()
    {
        Runner.Dispose();
        _model.Dispose();
        foreach (HostBackend backend in Backends)
        {
            Assert.That(backend.Memory.Outstanding, Is.Zero, "the runner leaks buffers");
            backend.Dispose();
        }
    }
}
