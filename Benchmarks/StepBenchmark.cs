using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Optim;
using AutogradCore.Pipeline;

namespace AutogradCore.Benchmarks;

/// <summary>Whole GPT training steps on one stage: forward, backward, clipping and AdamW.</summary>
public static class StepBenchmark
{
    private static readonly (string Name, GptConfig Config, int Batch)[] Models =
    [
        ("nano", new GptConfig(256, 128, Layers: 4, Heads: 4, Features: 128), 16),
        ("small", new GptConfig(256, 128, Layers: 4, Heads: 4, Features: 256), 16),
        ("big", new GptConfig(4096, 256, Layers: 6, Heads: 6, Features: 384), 8),
    ];

    /// <summary>Measures every model on each number of threads; the bound is the multiply-add peak, the work 6 flops per parameter outside
    /// the embeddings and token, plus causal attention at half.</summary>
    public static IEnumerable<Measurement> Run(params IReadOnlyList<int> threadCounts)
    {
        foreach (int threads in threadCounts)
        {
            double peak = Peak.Fma(threads).Value;
            foreach ((string name, GptConfig config, int batch) in Models) yield return Measure(name, config, batch, threads, peak);
        }
    }

    private static Measurement Measure(string name, GptConfig config, int batch, int threads, double peak)
    {
        using HostBackend backend = new(threads);
        using Gpt model = new(config);
        model.Initialize(backend, 1);
        using PipelineRunner runner = new(model.Layers, [0], [backend], Schedules.GPipe(1, 1), new PipelineOptions
        {
            Loss = (y, t) => y.CrossEntropy(t),
            Optimizer = p => new AdamW(p, LearningRate.Constant(1e-4)),
            ClipNorm = 1,
        });
        int tokens = batch * config.Context;
        int[] ids = [.. Enumerable.Range(0, tokens).Select(i => i * 7 % config.Vocabulary)];
        TokenMicrobatches data = new(ids, ids, config.Context, 1);
        double seconds = Clock.Median(() => runner.Step(data), budgetSeconds: 5);
        double embeddings = (double)(config.Vocabulary + config.Context) * config.Features;
        double attention = 6.0 * config.Layers * config.Context * config.Features;
        double flops = tokens * (6 * (model.ParameterCount - embeddings) + attention);
        return new Measurement("gpt step", $"{name}: {config.Layers} layers, d {config.Features}, T {config.Context}, V {config.Vocabulary}, B {batch}",
            threads, tokens / seconds, "tokens/s", peak * 1e9 / (flops / tokens), flops / seconds / 1e9 / peak);
    }
}
