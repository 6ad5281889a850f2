using AutogradCore.Kernels;
using static AutogradCore.Destination;

namespace AutogradCore.Benchmarks;

/// <summary>Matrix products of square and transformer shapes, all transpose forms, against the multiply-add peak of the same run.</summary>
public static class GemmBenchmark
{
    private static readonly (int M, int N, int K)[] Shapes =
        [(256, 256, 256), (512, 512, 512), (1024, 1024, 1024), (2048, 512, 512), (2048, 2048, 512), (2048, 512, 2048), (2048, 384, 4096)];

    /// <summary>Measures every shape and form on each number of threads.</summary>
    public static IEnumerable<Measurement> Run(params IReadOnlyList<int> threadCounts)
    {
        foreach (int threads in threadCounts)
        {
            double peak = Peak.Fma(threads).Value;
            using HostBackend backend = new(threads);
            foreach ((int m, int n, int k) in Shapes)
                foreach (string form in (string[])["nn", "nt", "tn", "tt"])
                    yield return Measure(backend, form, m, n, k, threads, peak);
        }
    }

    private static Measurement Measure(HostBackend backend, string form, int m, int n, int k, int threads, double peak)
    {
        bool ta = form[0] == 't', tb = form[1] == 't';
        using Tensor a = Filled(backend, ta ? [k, m] : [m, k]), b = Filled(backend, tb ? [n, k] : [k, n]), c = new(backend, [m, n]);
        View left = ta ? a.View.T : a.View, right = tb ? b.View.T : b.View;
        double seconds = Clock.Median(() => backend.Gemm(left, right, Into(c.View)));
        double rate = 2.0 * m * n * k / seconds / 1e9;
        return new Measurement($"sgemm {form}", $"{m}x{n}x{k}", threads, rate, "GFLOP/s", peak, rate / peak);
    }

    private static Tensor Filled(IBackend backend, Shape shape)
    {
        Tensor tensor = new(backend, shape);
        backend.Fill(tensor.View, 0.5);
        return tensor;
    }
}
