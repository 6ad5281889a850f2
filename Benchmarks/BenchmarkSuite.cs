namespace AutogradCore.Benchmarks;

/// <summary>The benchmarks by name.</summary>
public static class BenchmarkSuite
{
    /// <summary>The names, in the order in which they run.</summary>
    public static IReadOnlyList<string> Names { get; } = ["peak", "gemm", "small", "weights", "ops", "step"];

    /// <summary>The libraries that can be measured in turns with this one.</summary>
    public static IReadOnlyList<string> Peers { get; } = ["torch"];

    /// <summary>Runs one benchmark on one and on all cores, yielding each figure as it is measured.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="peerName">One of <see cref="Peers"/>, or null.</param>
    /// <param name="note">Is told what configuration the peer found.</param>
    /// <param name="tool">Starts the tool anew, which the memory of a step needs; without it that is left out.</param>
    /// <exception cref="ArgumentException">No such name.</exception>
    /// <exception cref="PeerException">The peer cannot be run; says what is missing.</exception>
    /// <exception cref="BenchmarkException">The tool cannot be started anew.</exception>
    public static IEnumerable<Measurement> Run(
        string name, string? peerName = null, Action<string>? note = null, BenchmarkTool? tool = null)
    {
        int all = Environment.ProcessorCount;
        foreach (int threads in all > 1 ? new[] { 1, all } : [1])
        {
            if (name == "peak")
            {
                yield return Peak.Fma(threads);
                yield return Peak.Copy(threads);
                continue;
            }
            foreach (Measurement figure in Timed(name, threads, peerName, note)) yield return figure;
            if (name != "step" || tool is null) continue;
            foreach (Measurement figure in StepMemoryBenchmark.Run(threads, tool, peerName)) yield return figure;
        }
    }

    private static IEnumerable<Measurement> Timed(string name, int threads, string? peerName, Action<string>? note)
    {
        using Peer? peer = peerName is null ? null : Peer.Start(peerName, threads);
        if (peer is not null) note?.Invoke(peer.Configuration);
        foreach (BenchmarkCase piece in Cases(name, threads)) yield return piece.Measured(peer);
    }

    private static IEnumerable<BenchmarkCase> Cases(string name, int threads) => name switch
    {
        "gemm" => GemmBenchmark.Cases(threads),
        "small" => SmallGemmBenchmark.Cases(threads),
        "weights" => WeightGradientBenchmark.Cases(threads),
        "ops" => OpsBenchmark.Cases(threads),
        "step" => StepBenchmark.Cases(threads),
        _ => throw new ArgumentException(
            $"There is no benchmark '{name}'; choose one of {string.Join(", ", Names)}.", nameof(name)),
    };
}
