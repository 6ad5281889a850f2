using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Optim;
using AutogradCore.Pipeline;

namespace AutogradCore.Benchmarks;

/// <summary>Whole GPT training steps on one stage: forward, backward, clipping and AdamW.</summary>
internal static class StepBenchmark
{
    private static readonly (string Name, GptConfig Config, int Batch)[] Models =
    [
        ("nano", new GptConfig(256, 128, Layers: 4, Heads: 4, Features: 128), 16),
        ("small", new GptConfig(256, 128, Layers: 4, Heads: 4, Features: 256), 16),
        ("big", new GptConfig(4096, 256, Layers: 6, Heads: 6, Features: 384), 8),
    ];

    /// <summary>Every model; the bound is the multiply-add peak, the work 6 flops per parameter outside the embeddings and token, plus
    /// causal attention at half.</summary>
    public static IEnumerable<BenchmarkCase> Cases(int threads)
    {
        double peak = Peak.Fma(threads).Value;
        foreach ((string name, GptConfig c, int batch) in Models)
        {
            using HostBackend backend = new(threads);
            using Gpt model = new(c);
            model.Initialize(backend, 1);
            using PipelineRunner runner = new(model.Layers, [0], [backend], Schedules.GPipe(1, 1), new PipelineOptions
            {
                Loss = (y, t) => y.CrossEntropy(t),
                Optimizer = p => new AdamW(p, LearningRate.Constant(1e-4)),
                ClipNorm = 1,
            });
            int tokens = batch * c.Context;
            int[] ids = [.. Enumerable.Range(0, tokens).Select(i => i * 7 % c.Vocabulary)];
            TokenMicrobatches data = new(ids, ids, c.Context, 1);
            double embeddings = (double)(c.Vocabulary + c.Context) * c.Features;
            double flopsPerToken = (6 * (model.ParameterCount - embeddings)) + (6.0 * c.Layers * c.Context * c.Features);
            yield return new BenchmarkCase("gpt step", $"{name}: {c.Layers} layers, d {c.Features}, T {c.Context}, V {c.Vocabulary}, B {batch}",
                threads, "tokens/s", tokens, peak * 1e9 / flopsPerToken, () => runner.Step(data), 8,
                $"step {c.Layers} {c.Features} {c.Heads} {c.Context} {c.Vocabulary} {batch}");
        }
    }
}
