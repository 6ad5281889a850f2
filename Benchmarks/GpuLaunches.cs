using AutogradCore.Kernels;
using static AutogradCore.Destination;

namespace AutogradCore.Benchmarks;

/// <summary>What work costs a device that is next to none: telling it, and hearing from it.</summary>
internal static class GpuLaunches
{
    private const int Many = 100;

    /// <summary>Launches in a row with few and with many arguments, one launch and a wait, events between two streams.</summary>
    public static IEnumerable<BenchmarkCase> Cases(KernelDevice device)
    {
        using IlgpuBackend backend = new(device);
        using Tensor x = One(backend), y = One(backend);
        using DeviceStream side = device.CreateStream();
        using DeviceEvent there = device.CreateEvent(), back = device.CreateEvent();
        yield return new BenchmarkCase("launch", "fills of one element", 1, "launches/s", Many, null, () =>
        {
            for (int i = 0; i < Many; i++) backend.Fill(y.View, 1);
            device.Synchronize();
        }, 1, null);
        yield return new BenchmarkCase("launch", "products of one element", 1, "launches/s", Many, null, () =>
        {
            for (int i = 0; i < Many; i++) ((IBackend)backend).Gemm(x.View, x.View, Into(y.View));
            device.Synchronize();
        }, 1, null);
        yield return new BenchmarkCase("round trip", "a fill of one element and a wait", 1, "round trips/s", 1, null, () =>
        {
            backend.Fill(y.View, 1);
            device.Synchronize();
        }, 1, null);
        yield return new BenchmarkCase("hand-over", "to another stream and back, by events", 1, "hand-overs/s", Many, null, () =>
        {
            for (int i = 0; i < Many; i++)
            {
                device.Stream.Record(there);
                side.Wait(there);
                side.Record(back);
                device.Stream.Wait(back);
            }
            device.Synchronize();
        }, 1, null);
    }

    private static Tensor One(IlgpuBackend backend)
    {
        Tensor one = new(backend, [1, 1]);
        backend.Fill(one.View, 1);
        return one;
    }
}
