namespace AutogradCore.Benchmarks;

/// <summary>The most physical memory of a process that only trains, ours and the peer's: each in a fresh process, its runtime and
/// libraries included.</summary>
/// <remarks>The bound is what the tensors of our step take at most: a ratio above 1 is runtime, code, thread stacks, packing
/// buffers and rounding. Less is better.</remarks>
internal static class StepMemoryBenchmark
{
    private const double Megabyte = 1e6;

    /// <summary>Every model.</summary>
    public static IEnumerable<Measurement> Run(int threads, BenchmarkTool tool, string? peerName)
    {
        foreach (StepModel model in StepModel.All)
        {
            StepMemory own = tool.StepMemory(model.Name, threads);
            double value = own.ResidentBytes / Megabyte, bound = own.PoolBytes / Megabyte;
            double? theirs = peerName is null ? null : OfPeer(peerName, threads, model) / Megabyte;
            yield return new Measurement(
                "gpt step memory", model.Shape, threads, value, "MB", bound, value / bound, theirs, value / theirs);
        }
    }

    private static double OfPeer(string name, int threads, StepModel model)
    {
        using Peer peer = Peer.Start(name, threads, keepFreedPages: false);
        return peer.Ask($"step-memory {model.PeerSizes}");
    }
}
