namespace AutogradCore.Benchmarks;

/// <summary>The benchmarks by name.</summary>
public static class BenchmarkSuite
{
    /// <summary>The names, in the order in which they run.</summary>
    public static IReadOnlyList<string> Names { get; } = ["peak", "gemm", "ops", "step"];

    /// <summary>Runs one benchmark on one and on all cores, yielding each figure as it is measured.</summary>
    /// <exception cref="ArgumentException">No such name.</exception>
    public static IEnumerable<Measurement> Run(string name)
    {
        int all = Environment.ProcessorCount;
        int[] threads = all > 1 ? [1, all] : [1];
        return name switch
        {
            "peak" => threads.SelectMany(t => (Measurement[])[Peak.Fma(t), Peak.Copy(t)]),
            "gemm" => GemmBenchmark.Run(threads),
            "ops" => OpsBenchmark.Run(threads),
            "step" => StepBenchmark.Run(threads),
            _ => throw new ArgumentException($"There is no benchmark '{name}'; choose one of {string.Join(", ", Names)}.", nameof(name)),
        };
    }
}
