using AutogradCore.Kernels;
using AutogradCore.Nn;

namespace AutogradCore.Benchmarks;

/// <summary>Training steps of GPT-2 124M on a device: forward, backward, clipping and AdamW; in bf16 with parameters, their
/// gradients and the optimizer's state in floats, as the peer's autocast has them.</summary>
internal static class GpuSteps
{
    /// <summary>One step in each precision.</summary>
    public static IEnumerable<BenchmarkCase> Cases(KernelDevice device, bool small)
    {
        foreach (GpuPrecision precision in GpuPrecision.All)
        {
            StepModel model = small
                ? new("tiny", new GptConfig(16, 8, Layers: 1, Heads: 2, Features: 8), 2)
                : new("GPT-2 124M", new GptConfig(50304, 1024, Layers: 12, Heads: 12, Features: 768), 8);
            Precision stored = precision.Storage == DType.BFloat16 ? Precision.BFloat16 : Precision.Float32;
            using StepWork work = new(
                model with { Config = model.Config with { Precision = stored } }, precision.Open(device));
            yield return new BenchmarkCase($"{precision.Name} gpt step", model.Shape, 1, "tokens/s", model.Tokens, null, work.Run,
                8, $"{precision.Name}:step {model.PeerSizes}");
        }
    }
}
