using AutogradCore.Kernels;
using static AutogradCore.Destination;

namespace AutogradCore.Benchmarks;

/// <summary>What work costs a device that is next to none: telling it, and hearing from it.</summary>
internal static class GpuLaunches
{
    /// <summary>Launches in a row with few and with many arguments, one launch and a wait, events between two streams.</summary>
    public static IEnumerable<BenchmarkCase> Cases(KernelDevice device)
    {
        using IDeviceBackend backend = device.CreateBackend();
        using Tensor x = One(backend), y = One(backend);
        using DeviceStream side = device.CreateStream();
        using DeviceEvent there = device.CreateEvent(), back = device.CreateEvent();
        yield return Queued("launch", "fills of one element, one after another", "launches/s",
            () => backend.Fill(y.View, 1), "launch");
        yield return Queued("product launch", "products of one element, one after another", "launches/s",
            () => ((IBackend)backend).Gemm(x.View, x.View, Into(y.View)), null);
        yield return new BenchmarkCase("round trip", "a fill of one element and a wait", 1, "round trips/s", 1, null, () =>
        {
            backend.Fill(y.View, 1);
            device.Synchronize();
        }, 1, null);
        yield return Queued("hand-over", "to another stream and back, by events", "hand-overs/s", () =>
        {
            device.Stream.Record(there);
            side.Wait(there);
            side.Record(back);
            device.Stream.Wait(back);
        }, null);

        BenchmarkCase Queued(string measure, string what, string unit, System.Action run, string? peer) =>
            new(measure, what, 1, unit, 1, null, run, 1, peer) { Finish = device.Synchronize };
    }

    private static Tensor One(IDeviceBackend backend)
    {
        Tensor one = new(backend, [1, 1]);
        backend.Fill(one.View, 1);
        return one;
    }
}
