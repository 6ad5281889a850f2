namespace AutogradCore.Benchmarks;

/// <summary>Whole GPT training steps on one stage: forward, backward, clipping and AdamW.</summary>
internal static class StepBenchmark
{
    /// <summary>Every model; the bound is what the multiply-add peak would allow.</summary>
    public static IEnumerable<BenchmarkCase> Cases(int threads)
    {
        foreach (StepModel model in StepModel.All)
        {
            using StepWork work = new(model, threads);
            yield return new BenchmarkCase("gpt step", model.Shape, threads, "tokens/s", model.Tokens,
                () => Peak.FmaNow(threads) * 1e9 / work.FlopsPerToken, work.Run, 8, $"step {model.PeerSizes}");
        }
    }
}
