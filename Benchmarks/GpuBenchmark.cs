using AutogradCore.Kernels;
using static AutogradCore.Destination;

namespace AutogradCore.Benchmarks;

/// <summary>Kernels and whole steps on a device: products and attention beside the peer's libraries, what moves memory against
/// the device's own copy bandwidth, measured in turns.</summary>
/// <remarks>
/// A measure begins with what numbers are kept and multiplied as, for us and for the peer alike: <c>fp32</c>, floats;
/// <c>tf32</c>, floats that products round to TF32; <c>bf16</c>, two bytes in memory, with floats where a training step sums,
/// accumulates and updates.
/// </remarks>
public static class GpuBenchmark
{
    /// <summary>Times everything on a device, yielding each figure as it is measured.</summary>
    /// <param name="device">Where; it stays open.</param>
    /// <param name="peerName">One of <see cref="BenchmarkSuite.Peers"/>, or null; on CUDA, beside a simulator on the CPU.</param>
    /// <param name="small">Sizes that the emulator can bear, measured once.</param>
    /// <param name="note">Is told what configuration the peer found.</param>
    /// <exception cref="PeerException">The peer cannot be run; says what is missing.</exception>
    public static IEnumerable<Measurement> Run(KernelDevice device, string? peerName, bool small, Action<string>? note = null)
    {
        using Peer? peer = peerName is null ? null : Peer.Start(peerName, 1, device: IsSimulated(device.Name) ? "cpu" : "cuda");
        if (peer is not null) note?.Invoke(peer.Configuration);
        foreach (BenchmarkCase piece in Cases(device, small)) // a device is not shared: one attempt will do
            yield return (small ? piece with { Turns = 1, Budget = 0 } : piece with { MostAttempts = 1 }).Measured(peer);
    }

    /// <summary>Whether a device of that name is a simulator, which only small sizes are for.</summary>
    public static bool IsSimulated(string device) => device is "simt" or "cpu";

    private static IEnumerable<BenchmarkCase> Cases(KernelDevice device, bool small)
    {
        using DeviceCopy copy = new(device, small);
        foreach (BenchmarkCase piece in Copies(device, copy).Concat(GpuLaunches.Cases(device))
            .Concat(GpuProducts.Cases(device, small)).Concat(GpuOps.Cases(device, small, copy))
            .Concat(GpuAttention.Cases(device, small)).Concat(GpuSteps.Cases(device, small)))
            yield return piece;
    }

    private static IEnumerable<BenchmarkCase> Copies(KernelDevice device, DeviceCopy copy)
    {
        yield return new BenchmarkCase(
            "fp32 copy", $"{copy.Count} elements", 1, "GB/s", copy.Work, null, copy.Run, 1, $"fp32:copy {copy.Count}")
        {
            Finish = copy.Finish,
        };
        using IDeviceBackend backend = GpuPrecision.Float32.Open(device);
        using DeviceTensors tensors = new(backend);
        View half = tensors.Normal([copy.Count], DType.BFloat16, "copied");
        View copied = tensors.Empty([copy.Count], DType.BFloat16);
        yield return new BenchmarkCase("bf16 copy", $"{copy.Count} elements", 1, "GB/s", copy.Work / 2, copy.Now,
            () => backend.Copy(half, Into(copied)), 1, $"bf16:copy {copy.Count}")
        {
            Finish = backend.Synchronize,
        };
    }
}
