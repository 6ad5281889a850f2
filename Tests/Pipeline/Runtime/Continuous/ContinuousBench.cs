using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Optim;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>The tiny GPT cut into stages under a runner without flushes, with all it owns.</summary>
internal sealed class ContinuousBench : IDisposable
{
    private readonly Gpt _model = new(TinyGpt.Config);
    private readonly Module? _trick;

    public ContinuousBench(int stages, int microbatches, WeightPolicy policy = WeightPolicy.TwoBuffered,
        PipelineOptions? options = null, TwoStage split = TwoStage.Off, Module? trick = null, ITransport? transport = null)
    {
        _trick = trick;
        _model.AssignNames();
        List<Module> layers = [.. _model.Layers];
        if (trick is not null) layers.Insert(2, trick);
        int[] starts = LayerSplit.Balance([.. layers.Select(_ => 1.0)], stages);
        Backends = [.. starts.Select(_ => new HostBackend(1))];
        for (int l = 0; l < layers.Count; l++)
            foreach (Parameter parameter in layers[l].Parameters())
                parameter.Initialize(Backends[Array.FindLastIndex(starts, s => s <= l)], TinyGpt.Seed);
        Runner = new ContinuousRunner(layers, starts, Backends, policy, microbatches, options ?? TinyGpt.Options, split,
            transport);
    }

    public HostBackend[] Backends { get; }

    public ContinuousRunner Runner { get; }

    public Gpt Model => _model;

    /// <summary>The next batches of the one endless stream.</summary>
    public IEnumerable<IMicrobatches> Batches(int count)
    {
        int first = Runner.BatchCount;
        for (int t = first; t < first + count; t++) yield return TinyGpt.Data(t, Runner.Microbatches);
    }

    public ContinuousResult Run(int batches) => Runner.Run(Batches(batches));

    public string Bits() => TinyGpt.Bits(Runner.Parameters);

    public void Dispose()
    {
        Runner.Dispose();
        _model.Dispose();
        _trick?.Dispose();
        foreach (HostBackend backend in Backends)
        {
            Assert.That(backend.Memory.Outstanding, Is.Zero, "the runner leaks buffers");
            backend.Dispose();
        }
    }

    /// <summary>An optimizer by name.</summary>
    public static Func<IReadOnlyList<Parameter>, Optimizer> Optimizer(string name) => name switch
    {
        "sgd" => p => new Sgd(p, LearningRate.Constant(0.1)),
        "momentum" => p => new Sgd(p, LearningRate.Cosine(0.1, 2, 30), momentum: 0.9, weightDecay: 0.01),
        "adam" => p => new Adam(p, LearningRate.Constant(0.01)),
        _ => TinyGpt.Optimizer,
    };

    /// <summary>Options with an optimizer by name.</summary>
    public static PipelineOptions Options(string optimizer, double? clipNorm = null) =>
        TinyGpt.Options with { Optimizer = Optimizer(optimizer), ClipNorm = clipNorm };
}
