using AutogradCore.Kernels;

namespace AutogradCore.Benchmarks;

/// <summary>Ops forward and backward: memory-bound ones against the copy bandwidth of the same run for the bytes they must move,
/// attention against the multiply-add peak.</summary>
internal static class OpsBenchmark
{
    /// <summary>Every op.</summary>
    public static IEnumerable<BenchmarkCase> Cases(int threads)
    {
        using HostBackend backend = new(threads);
        // Passes over the elements: forward reads x and writes y; the given dy is copied; backward reads it and x or y, and
        // writes dx.
        foreach ((string name, int rows, int width, int passes, Func<Value, Value> op) in
            new (string, int, int, int, Func<Value, Value>)[]
            {
                ("layer norm", 2048, 512, 7, x => x.LayerNorm()),
                ("gelu tanh", 2048, 2048, 7, x => x.Gelu(tanh: true)),
                ("gelu erf", 2048, 2048, 7, x => x.Gelu()),
                ("softmax", 2048, 1024, 7, x => x.Softmax()),
                ("cross-entropy", 2048, 4096, 3, x => x.CrossEntropy(Targets(x.Graph, 2048, 4096))),
            })
        {
            using OpRun bench = new(backend, [rows, width], x => op(x[0]), 1);
            yield return new BenchmarkCase(name, $"{rows}x{width} forward+backward", threads, "GB/s",
                passes * 4.0 * rows * width / 1e9, () => Peak.CopyNow(threads), bench.Run, 1,
                $"{name.Replace(' ', '-')} {rows} {width}");
        }
        const int b = 8, h = 8, t = 256, d = 64;
        using OpRun attention = new(backend, [b, t, h, d], x => x[0].Attention(x[1], x[2]), 3);
        // Seven products of 2·T·T·D multiply-adds for each head, half of them masked: two forward, five backward.
        yield return new BenchmarkCase("attention", $"B{b} H{h} T{t} D{d} causal forward+backward", threads, "GFLOP/s",
            7.0 * b * h * t * t * d / 1e9, () => Peak.FmaNow(threads), attention.Run, 1, $"attention {b} {h} {t} {d}");
    }

    internal static Value Targets(Graph graph, int rows, int classes) =>
        graph.Input<int>([.. Enumerable.Range(0, rows).Select(i => i % classes)], [rows], name: "targets");
}
