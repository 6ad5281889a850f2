using AutogradCore.Kernels;
using static AutogradCore.Destination;

namespace AutogradCore.Benchmarks;

/// <summary>Causal attention on a device with all gradients, in each precision.</summary>
internal static class GpuAttention
{
    /// <summary>Heads of 64 and of 128 features.</summary>
    public static IEnumerable<BenchmarkCase> Cases(KernelDevice device, bool small)
    {
        foreach (GpuPrecision precision in GpuPrecision.All)
        {
            using IDeviceBackend backend = precision.Open(device);
            foreach (int size in small ? new[] { 8 } : [64, 128])
                using (DeviceTensors tensors = new(backend))
                    yield return Case(backend, tensors, precision, small ? (1, 2, 9) : (4, 16, 2048), size);
        }
    }

    /// <summary>Seven products of 2·T·T·D operations for each head, half of them masked: two forward, five backward.</summary>
    private static BenchmarkCase Case(
        IDeviceBackend backend, DeviceTensors tensors, GpuPrecision precision, (int B, int H, int T) at, int d)
    {
        (int b, int h, int t) = at;
        View Normal(string name) => tensors.Normal([b, t, h, d], precision.Storage, name);
        View Empty() => tensors.Empty([b, t, h, d], precision.Storage);
        View q = Normal("q"), k = Normal("k"), v = Normal("v"), dy = Normal("dy");
        View y = Empty(), dq = Empty(), dk = Empty(), dv = Empty(), lse = tensors.Empty([b, h, t], DTypes.Statistics);
        AttentionOptions options = new(Causal: true);
        return new BenchmarkCase($"{precision.Name} attention", $"B{b} H{h} T{t} D{d} causal forward+backward", 1, "GFLOP/s",
            7.0 * b * h * t * t * d / 1e9, null, () =>
            {
                backend.Attention(q, k, v, options, y, lse);
                backend.AttentionGradient(q, k, v, y, lse, dy, options, Into(dq), Into(dk), Into(dv));
            }, 2, $"{precision.Name}:attention {b} {h} {t} {d}")
        {
            Finish = backend.Synchronize,
        };
    }
}
