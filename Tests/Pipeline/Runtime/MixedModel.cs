using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Optim;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>A small model with all that makes a pipeline hard: dropout, a tied embedding, two nested skip connections and one
/// with two ends; and its training on one device by a loop written out, with two copies of the tied weight.</summary>
internal sealed class MixedModel : IDisposable
{
    public const ulong Seed = 9;
    public const int LayerCount = 10;
    private static readonly GptConfig Config = new(Vocabulary: 13, Context: 6, Layers: 2, Heads: 2, Features: 8, Dropout: 0.2);

    private readonly Sequential _all;

    private MixedModel(bool tied)
    {
        Skip outer = new(), inner = new();
        Embedding = new GptEmbedding(Config);
        Head = new GptHead(Config, tied ? Embedding.Table : null);
        Layers =
        [
            Embedding, outer.Out, Block(), inner.Out, Block(), outer.In((x, s) => x * 0.5 + s), inner.In((x, s) => x * s),
            Block(), outer.In((x, s) => s.Gelu() + x), Head,
        ];
        _all = new Sequential([.. Layers]);
        _all.AssignNames();
    }

    public IReadOnlyList<Module> Layers { get; }

    public GptEmbedding Embedding { get; }

    private GptHead Head { get; }

    public IReadOnlyList<Parameter> Parameters => _all.Parameters();

    public static PipelineOptions Options { get; } = new()
    {
        Loss = (y, t) => y.CrossEntropy(t),
        Optimizer = parameters => new AdamW(parameters, LearningRate.Constant(1e-2), weightDecay: 0.1),
        Seed = Seed,
        ClipNorm = 0.5,
    };

    public static MixedModel Tied() => new(tied: true);

    /// <summary>Trains on one device, microbatch after microbatch.</summary>
    /// <param name="data">The data of every step.</param>
    /// <param name="steps">How many.</param>
    /// <param name="beforeStep">Changes the model before a step; sees the untied copy as a parameter of its own.</param>
    /// <param name="delay">How many updates late the weights are that gradients are taken at.</param>
    /// <param name="clips">Whether gradients are clipped.</param>
    public static string TrainOnOneDevice(
        IMicrobatches data, int steps, Action<GptEmbedding, int>? beforeStep = null, int delay = 0, bool clips = true)
    {
        using HostBackend backend = new(1);
        using MixedModel model = new(tied: false);
        foreach (Parameter parameter in model.Parameters) parameter.Initialize(backend, Seed);
        Parameter table = model.Embedding.Table, copy = model.Head.Parameters()[^1];
        IReadOnlyList<Parameter> own = [.. model.Parameters.Where(p => p != copy)];
        using Optimizer optimizer = Options.Optimizer(own);
        using Graph graph = new(backend);
        List<float[][]> versions = [];
        void Show(int version)
        {
            for (int i = 0; i < own.Count; i++) own[i].Data.CopyFrom<float>(versions[version][i]);
        }
        double counted = Enumerable.Range(0, data.Count).Sum(m => data.TargetShape(m).ElementCount);
        for (int step = 0; step < steps; step++)
        {
            versions.Add([.. own.Select(p => p.Data.ToArray<float>())]);
            Show(Math.Max(step - delay, 0));
            beforeStep?.Invoke(model.Embedding, step);
            copy.Data.CopyFrom(table.Data.View);
            copy.Trainable = table.Trainable;
            copy.ZeroGradient();
            optimizer.ZeroGradient();
            for (int m = 0; m < data.Count; m++)
            {
                graph.Clear();
                Value x = graph.Placeholder(data.InputShape(m), DType.Int32);
                Value t = graph.Placeholder(data.TargetShape(m), DType.Int32);
                Value loss = model._all.Forward(x).CrossEntropy(t);
                data.FeedInput(m, x);
                data.FeedTarget(m, t);
                graph.Random = new RandomState(Seed, step, m);
                graph.Forward(loss);
                graph.Seed(loss, data.TargetShape(m).ElementCount / counted);
                graph.Backward();
            }
            if (copy.HasGradient) table.AccumulateGradient(copy.Gradient.View);
            Show(step);
            double norm = GradientNorm.Of(GradientNorm.Squares(own));
            optimizer.Step(clips ? GradientNorm.Clip(norm, Options.ClipNorm!.Value) : 1);
        }
        return ParameterHash.Of(own);
    }

    /// <summary>The same training as a pipeline whose stages have about equally many layers, a backend for each rank.</summary>
    public static string TrainAsPipeline(Schedule schedule, IMicrobatches data, int steps, PipelineOptions? options = null,
        ITransport? transport = null, Action<GptEmbedding, int>? beforeStep = null)
    {
        using MixedBench bench = new(schedule, options, transport);
        for (int step = 0; step < steps; step++)
        {
            beforeStep?.Invoke(bench.Model.Embedding, step);
            bench.Runner.Step(data);
        }
        return ParameterHash.Of(bench.Runner.Parameters);
    }

    public void Dispose() => _all.Dispose();

    private static TransformerBlock Block() => new(Config.Features, Config.Heads, Config.Dropout, depth: 2);
}

/// <summary>A <see cref="MixedModel"/> under a schedule, with all it owns.</summary>
internal sealed class MixedBench : IDisposable
{
    public MixedBench(Schedule schedule, PipelineOptions? options = null, ITransport? transport = null)
    {
        int[] starts = LayerSplit.Balance([.. Model.Layers.Select(_ => 1.0)], schedule.Stages);
        Backends = [.. Enumerable.Range(0, schedule.Ranks).Select(_ => new HostBackend(1))];
        IBackend[] ofStage = [.. Enumerable.Range(0, schedule.Stages).Select(s => Backends[schedule.RankOf(s)])];
        for (int l = 0; l < Model.Layers.Count; l++)
            foreach (Parameter parameter in Model.Layers[l].Parameters())
                if (!parameter.IsInitialized)
                    parameter.Initialize(ofStage[Array.FindLastIndex(starts, s => s <= l)], MixedModel.Seed);
        Runner = new PipelineRunner(Model.Layers, starts, ofStage, schedule, options ?? MixedModel.Options, transport);
    }

    public MixedModel Model { get; } = MixedModel.Tied();

    public HostBackend[] Backends { get; }

    public PipelineRunner Runner { get; }

    public void Dispose()
    {
        Runner.Dispose();
        Model.Dispose();
        foreach (HostBackend backend in Backends)
        {
            Assert.That(backend.Memory.Outstanding, Is.Zero, "the runner leaks buffers");
            backend.Dispose();
        }
    }
}

/// <summary>Random tokens in microbatches of different shapes.</summary>
internal sealed class UnequalMicrobatches(int count) : IMicrobatches
{
    public int Count => count;

    public DType InputDType => DType.Int32;

    public DType TargetDType => DType.Int32;

    public Shape InputShape(int microbatch) => [1 + microbatch % 2, 3 + microbatch % 3];

    public Shape TargetShape(int microbatch) => InputShape(microbatch);

    public void FeedInput(int microbatch, Value placeholder) => Feed("inputs", microbatch, placeholder);

    public void FeedTarget(int microbatch, Value placeholder) => Feed("targets", microbatch, placeholder);

    private void Feed(string name, int microbatch, Value placeholder)
    {
        RandomStream stream = RandomStream.Named(name, MixedModel.Seed, (ulong)microbatch);
        int[] tokens = [.. Enumerable.Range(0, InputShape(microbatch).ElementCount).Select(i => (int)stream.Below(i, 13))];
        placeholder.Graph.Feed<int>(placeholder, tokens);
    }
}
