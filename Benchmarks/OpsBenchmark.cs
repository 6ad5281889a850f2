using AutogradCore.Kernels;

namespace AutogradCore.Benchmarks;

/// <summary>Memory-bound ops forward and backward, against the copy bandwidth of the same run for the bytes they must move.</summary>
public static class OpsBenchmark
{
    private const int Rows = 2048, Width = 1024;

    /// <summary>Measures every op on each number of threads.</summary>
    public static IEnumerable<Measurement> Run(params IReadOnlyList<int> threadCounts)
    {
        foreach (int threads in threadCounts)
        {
            double bandwidth = Peak.Copy(threads).Value;
            using HostBackend backend = new(threads);
            yield return Measure(backend, "layer norm", 5, x => x.LayerNorm(), threads, bandwidth);
            yield return Measure(backend, "gelu tanh", 5, x => x.Gelu(tanh: true), threads, bandwidth);
            yield return Measure(backend, "gelu erf", 5, x => x.Gelu(), threads, bandwidth);
            yield return Measure(backend, "softmax", 5, x => x.Softmax(), threads, bandwidth);
            yield return Measure(backend, "cross-entropy", 3, x => x.CrossEntropy(Targets(x.Graph)), threads, bandwidth);
        }
    }

    private static Measurement Measure(HostBackend backend, string name, int passes, Func<Value, Value> op, int threads, double bandwidth)
    {
        using Tensor x = new(backend, [Rows, Width]), seed = new(backend, [Rows, Width]);
        backend.Fill(x.View, 0.25);
        backend.Fill(seed.View, 1);
        using Graph graph = new(backend);
        Value y = op(graph.Input(x, differentiable: true));
        double seconds = Clock.Median(() =>
        {
            graph.Forward(y);
            if (y.Shape.Rank == 0) graph.Seed(y);
            else graph.Seed(y, seed.View);
            graph.Backward();
        });
        double rate = passes * (double)x.View.Bytes / seconds / 1e9;
        return new Measurement(name, $"{Rows}x{Width} forward+backward", threads, rate, "GB/s", bandwidth, rate / bandwidth);
    }

    private static Value Targets(Graph graph) => graph.Input<int>([.. Enumerable.Range(0, Rows).Select(i => i % Width)], [Rows], name: "targets");
}
