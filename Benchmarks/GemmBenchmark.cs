using AutogradCore.Kernels;
using static AutogradCore.Destination;

namespace AutogradCore.Benchmarks;

/// <summary>Matrix products of square and transformer shapes, all transpose forms,
/// against the multiply-add peak of the same run.</summary>
internal static class GemmBenchmark
{
    private static readonly (int M, int N, int K)[] Shapes =
        [(256, 256, 256), (512, 512, 512), (1024, 1024, 1024), (2048, 512, 512),
         (2048, 2048, 512), (2048, 512, 2048), (2048, 384, 4096)];

    /// <summary>Every shape and form, in single precision, and plain products in double.</summary>
    public static IEnumerable<BenchmarkCase> Cases(int threads)
    {
        using HostBackend backend = new(threads);
        foreach ((int m, int n, int k) in Shapes)
            foreach (string form in (string[])["nn", "nt", "tn", "tt"])
            {
                using GemmRun o = new(backend, form, m, n, k, DType.Float32);
                yield return Case(backend, o, "sgemm", form, m, n, k, threads, share: 1);
            }
        foreach ((int m, int n, int k) in Shapes)
        {
            using GemmRun o = new(backend, "nn", m, n, k, DType.Float64);
            yield return Case(backend, o, "dgemm", "nn", m, n, k, threads, share: 0.5);
        }
    }

    private static BenchmarkCase Case(
        HostBackend backend, GemmRun o, string name, string form, int m, int n, int k, int threads, double share) =>
        new($"{name} {form}", $"{m}x{n}x{k}", threads, "GFLOP/s", 2.0 * m * n * k / 1e9, () => share * Peak.FmaNow(threads),
            () => backend.Gemm(o.Left, o.Right, Into(o.Result)), 0.5, $"{name} {form} {m} {n} {k}");
}
