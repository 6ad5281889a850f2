using System.Text.Json;
using AutogradCore.Cli;
using AutogradCore.Pipeline;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class MemoryCapTextTests
{
    [Test]
    public void A_cap_is_in_microbatches_or_in_bytes_by_its_unit()
    {
        using TemporaryFolder folder = new();
        StageMemory memory = new(1 << 20, 1 << 19, 8 << 20);
        StageCosts costs = StageCosts.Uniform(4) with { Memory = [.. Enumerable.Repeat(memory, 4)] };
        File.WriteAllText(folder["bytes.json"], CostFile.Write(costs));
        JsonElement Capped(params string[] more) =>
            CommandLine.Run(["schedule", "simulate", "--two-stage", "fill", "--json", .. more]).Json;
        string[] bytes = ["--costs", "@" + folder["bytes.json"]];
        foreach (string[] call in new string[][] { ["4mb"], ["4"], ["4.5 mb"], ["4mb", .. bytes] })
            Assert.That(Capped(["--memory-cap", .. call]).GetProperty("peakHeld").Deserialize<double[]>(),
                Is.All.LessThanOrEqualTo(4), call[0]);
        foreach (string cap in new[] { "12MiB", "12582912B", "12.6MB", "0.012GiB" })
        {
            JsonElement report = Capped(["--memory-cap", cap, .. bytes]);
            Assert.That(report.GetProperty("peakBytesWithParameters").Deserialize<long[]>(),
                Is.All.LessThanOrEqualTo(13 << 20), cap);
            Assert.That(report.GetProperty("peakBytes")[0].GetInt64() + (8 << 20),
                Is.EqualTo(report.GetProperty("peakBytesWithParameters")[0].GetInt64()), cap);
        }
        Assert.That(Capped(bytes).GetProperty("peakBytesWithParameters")[3].GetInt64(), Is.GreaterThan(12 << 20));
        JsonElement halves = CommandLine.Run("schedule", "optimize", "--schedule", "zb-v", "--stages", "3",
            "--memory-cap", "2.5mb", "--moves", "20", "--json").Json;
        Assert.That(halves.GetProperty("peakHeld").Deserialize<double[]>(), Is.All.LessThanOrEqualTo(2.5));
    }
}
