extern alias simt;

using AutogradCore.Benchmarks;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Benchmarks;

public sealed class GpuLaunchesTests
{
    [Test]
    public void Launches_round_trips_and_hand_overs_run_and_are_told_apart()
    {
        using SimtBackend backend = new();
        List<(string, string)> names = [];
        foreach (BenchmarkCase piece in GpuLaunches.Cases(backend.Device))
        {
            piece.Run();
            names.Add((piece.Measure, piece.Shape));
        }
        Assert.That(names, Is.Unique.And.Count.EqualTo(4));
        Assert.That(names.Select(n => n.Item1), Is.EqualTo(new[] { "launch", "product launch", "round trip", "hand-over" }));
    }
}
