using AutogradCore.Kernels;
using static AutogradCore.Destination;

namespace AutogradCore.Benchmarks;

/// <summary>Matrix products on a device, in each precision.</summary>
internal static class GpuProducts
{
    /// <summary>Squares, and all four forms of one of them.</summary>
    public static IEnumerable<BenchmarkCase> Cases(KernelDevice device, bool small)
    {
        foreach (GpuPrecision precision in GpuPrecision.All)
        {
            using IDeviceBackend backend = precision.Open(device);
            foreach (int n in small ? new[] { 24 } : [1024, 4096, 8192])
                foreach (string form in n == 4096 ? new[] { "nn", "nt", "tn", "tt" } : ["nn"])
                    using (DeviceTensors tensors = new(backend))
                        yield return Case(backend, tensors, precision, form, n);
        }
    }

    private static BenchmarkCase Case(
        IDeviceBackend backend, DeviceTensors tensors, GpuPrecision precision, string form, int n)
    {
        View a = tensors.Normal([n, n], precision.Storage, "a"), b = tensors.Normal([n, n], precision.Storage, "b");
        View left = form[0] == 't' ? a.T : a, right = form[1] == 't' ? b.T : b;
        View c = tensors.Empty([n, n], precision.Storage);
        return new BenchmarkCase($"{precision.Name} matmul {form}", $"{n}x{n}x{n}", 1, "GFLOP/s", 2.0 * n * n * n / 1e9, null,
            () => backend.Gemm(left, right, Into(c)), 1, $"{precision.Name}:matmul {form} {n} {n} {n}")
        {
            Finish = backend.Synchronize,
        };
    }
}
