using AutogradCore.Kernels;
using static AutogradCore.Destination;

namespace AutogradCore.Benchmarks;

/// <summary>Matrix products where overhead counts: small ones, and skinny ones down to a vector; what moves memory more than it
/// multiplies is held to the copy bandwidth.</summary>
internal static class SmallGemmBenchmark
{
    private static readonly (int M, int N, int K)[] Shapes =
    [
        (16, 16, 16), (32, 32, 32), (64, 64, 64), (128, 128, 128), (256, 64, 256),
        (1, 512, 512), (512, 1, 512), (4, 512, 512), (1, 4096, 384), (512, 512, 1), (512, 512, 4), (2048, 512, 8),
    ];

    /// <summary>Every shape, both operands as they lie and the second transposed.</summary>
    public static IEnumerable<BenchmarkCase> Cases(int threads)
    {
        using HostBackend backend = new(threads);
        foreach ((int m, int n, int k) in Shapes)
            foreach (string form in (string[])["nn", "nt"])
            {
                using Tensor a = Filled(backend, [m, k]), c = Filled(backend, [m, n]);
                using Tensor b = Filled(backend, form == "nt" ? [n, k] : [k, n]);
                View right = form == "nt" ? b.View.T : b.View;
                double flops = 2.0 * m * n * k, bytes = 4.0 * (((double)m * k) + ((double)k * n) + ((double)m * n));
                yield return new BenchmarkCase($"sgemm {form}", $"{m}x{n}x{k}", threads, "GFLOP/s", flops / 1e9,
                    () => Math.Min(Peak.FmaNow(threads), flops / bytes * Peak.CopyNow(threads)),
                    () => backend.Gemm(a.View, right, Into(c.View)), 0.3,
                    $"sgemm {form} {m} {n} {k}");
            }
    }

    private static Tensor Filled(HostBackend backend, Shape shape)
    {
        Tensor tensor = new(backend, shape, DType.Float32);
        backend.Fill(tensor.View, 0.5);
        return tensor;
    }
}
