using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AutogradCore.Nn;
using AutogradCore.Optim;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>A small GPT with dropout, its data, and two ways to train it: on one device, and as a pipeline.</summary>
internal static class TinyGpt
{
    public const int Batch = 12, Time = 6, Vocabulary = 17;
    public const ulong Seed = 5;

    public static GptConfig Config { get; } = new(Vocabulary, Time, Layers: 3, Heads: 2, Features: 8, Dropout: 0.1, KeyHeads: 1);

    public static TokenMicrobatches Data(int step, int microbatches)
    {
        RandomStream stream = RandomStream.Named("tokens", Seed, (ulong)step);
        int[] tokens = [.. Enumerable.Range(0, 2 * Batch * Time).Select(i => (int)stream.Below(i, Vocabulary))];
        return new TokenMicrobatches(tokens.AsMemory(0, Batch * Time), tokens.AsMemory(Batch * Time), Time, microbatches);
    }

    public static Optimizer Optimizer(IReadOnlyList<Parameter> parameters) =>
        new AdamW(parameters, LearningRate.Cosine(1e-2, 2, 10), weightDecay: 0.1);

    public static PipelineOptions Options { get; } =
        new() { Loss = (y, t) => y.CrossEntropy(t), Optimizer = Optimizer, Seed = Seed, ClipNorm = 0.5 };

    /// <summary>One device, microbatch after microbatch: what every pipeline must equal bit for bit.</summary>
    public static string TrainOnOneDevice(IBackend backend, int microbatches, int steps, Variation? variation = null)
    {
        using Gpt model = new(Config with { Precision = variation?.Precision ?? Precision.Float32 });
        model.Initialize(backend, Seed);
        IReadOnlyList<Module> layers = Layers(model, variation);
        int[] order = variation?.Order ?? [.. Enumerable.Range(0, microbatches)];
        IReadOnlyList<Parameter> parameters = model.Parameters();
        using Optimizer optimizer = Optimizer(parameters);
        using Graph graph = new(backend);
        Value x = default, t = default, loss = default;
        for (int step = 0; step < steps; step++)
        {
            TokenMicrobatches data = Data(step, microbatches);
            variation?.BeforeStep?.Invoke(model, step);
            optimizer.ZeroGradient();
            foreach (int m in order)
            {
                if ((step == 0 || variation is not null) && m == order[0])
                {
                    graph.Clear();
                    x = graph.Placeholder(data.InputShape(m), DType.Int32);
                    t = graph.Placeholder(data.TargetShape(m), DType.Int32);
                    loss = layers.Aggregate(x, (value, layer) => layer.Forward(value)).CrossEntropy(t);
                }
                data.FeedInput(m, x);
                data.FeedTarget(m, t);
                graph.Random = new RandomState(Seed, step, m);
                graph.Forward(loss);
                graph.Seed(loss, 1.0 / microbatches);
                graph.Backward();
            }
            double norm = GradientNorm.Of(GradientNorm.Squares(parameters));
            optimizer.Step(GradientNorm.Clip(norm, 0.5));
        }
        return Bits(parameters);
    }

    /// <summary>The same training as a pipeline.</summary>
    public static string TrainAsPipeline(Func<int, IBackend> backend, Schedule schedule, int steps,
        PipelineOptions? options = null, Variation? variation = null)
    {
        using Gpt model = new(Config with { Precision = variation?.Precision ?? Precision.Float32 });
        model.AssignNames();
        IReadOnlyList<Module> layers = Layers(model, variation);
        int[] starts = LayerSplit.Balance([.. layers.Select(_ => 1.0)], schedule.Stages);
        IBackend[] backends = [.. Enumerable.Range(0, schedule.Stages).Select(backend)];
        for (int s = 0; s < starts.Length; s++)
            foreach (Module layer in layers.Take(s + 1 < starts.Length ? starts[s + 1] : layers.Count).Skip(starts[s]))
                foreach (Parameter parameter in layer.Parameters()) parameter.Initialize(backends[s], Seed);
        string hash;
        using (PipelineRunner runner = new(layers, starts, backends, schedule, options ?? Options))
        {
            for (int step = 0; step < steps; step++)
            {
                variation?.BeforeStep?.Invoke(model, step);
                runner.Step(Data(step, schedule.Microbatches));
            }
            hash = Bits(model.Parameters());
        }
        model.Dispose();
        foreach (IBackend b in backends)
        {
            Assert.That(b.Memory.Outstanding, Is.Zero, "the pipeline leaks buffers");
            b.Dispose();
        }
        return hash;
    }

    private static List<Module> Layers(Gpt model, Variation? variation)
    {
        List<Module> layers = [.. model.Layers];
        if (variation?.CutAt is { } layer) layers.Insert(layer, new Cut());
        return layers;
    }

    public static string Bits(IReadOnlyList<Parameter> parameters)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Parameter parameter in parameters)
            hash.AppendData(MemoryMarshal.AsBytes(parameter.Data.ToArray<float>().AsSpan()));
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}

/// <summary>What makes a training differ from the plain one, the same way on one device and as a pipeline.</summary>
internal sealed record Variation
{
    /// <summary>The microbatches in the order in which one device goes through them; ascending when null.</summary>
    public int[]? Order { get; init; }

    /// <summary>Where a layer that lets no gradient through is inserted.</summary>
    public int? CutAt { get; init; }

    /// <summary>In which types the model keeps its numbers; floats when null.</summary>
    public Precision? Precision { get; init; }

    /// <summary>Changes the model before a step, such as by freezing a part.</summary>
    public Action<Gpt, int>? BeforeStep { get; init; }

    /// <summary>Freezes the first layers from a step on.</summary>
    public static Variation Frozen(int layers, int fromStep = 0) => new()
    {
        BeforeStep = (model, step) =>
        {
            if (step < fromStep) return;
            foreach (Parameter parameter in model.Layers.Take(layers).SelectMany(l => l.Parameters()))
                parameter.Trainable = false;
        },
    };
}

/// <summary>Passes its input on and no gradient back.</summary>
internal sealed class Cut : Module
{
    public override Value Forward(Value x) => x.Detach();
}
