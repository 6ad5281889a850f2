using System.Text.Json;
using AutogradCore.Benchmarks;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Benchmarks;

[Parallelizable]
public sealed class BenchmarkRecordTests
{
    private static readonly Measurement[] Figures =
        [new("fma", "float", 1, 270, "GFLOP/s"), new("sgemm nn", "256x256x256", 1, 243, "GFLOP/s", 270, 0.9, 200, 1.2)];

    [Test]
    public void A_record_is_one_object_per_line_the_machine_first()
    {
        string[] lines = BenchmarkRecord.ToLines(new DateOnly(2026, 1, 2), "peer 1.0", Figures, []).TrimEnd().Split('\n');
        Assert.That(lines, Has.Length.EqualTo(3));
        JsonElement first = JsonDocument.Parse(lines[0]).RootElement, last = JsonDocument.Parse(lines[2]).RootElement;
        Assert.That(first.GetProperty("day").GetString(), Is.EqualTo("2026-01-02"));
        Assert.That(first.GetProperty("machine").GetString(), Is.EqualTo(BenchmarkRecord.Machine));
        foreach (string name in (string[])["measure", "shape", "threads", "value", "unit", "bound", "ofBound", "peer", "ofPeer"])
            Assert.That(last.TryGetProperty(name, out _), Is.True, name);
    }

    [Test]
    public void The_page_has_a_row_for_each_figure_and_peer_columns_only_with_a_peer()
    {
        string page = BenchmarkRecord.ToPage(new DateOnly(2026, 1, 2), "peer 1.0", Figures, []);
        Assert.That(page,
            Does.Contain("| sgemm nn | 256x256x256 | 1 | 243.0 GFLOP/s | 90 % | 200.0 | 1.20 |").And.Contain("peer 1.0"));
        Assert.That(BenchmarkRecord.ToPage(new DateOnly(2026, 1, 2), null, Figures, []), Does.Not.Contain("ours / peer"));
    }

    [Test]
    public void Gains_have_their_own_lines_and_table()
    {
        PipelineGain gain = new("gpipe", 2, 2, 1.1, 1.12, 1.125, 1.05, 1.15);
        string last = BenchmarkRecord.ToLines(new DateOnly(2026, 1, 2), null, Figures, [gain]).TrimEnd().Split('\n')[^1];
        foreach (string name in (string[])["schedule", "gain", "predicted", "theory"])
            Assert.That(JsonDocument.Parse(last).RootElement.TryGetProperty(name, out _), Is.True, name);
        Assert.That(BenchmarkRecord.ToPage(new DateOnly(2026, 1, 2), null, Figures, [gain]),
            Does.Contain("| gpipe | 2 | 2 | 1.100 | 1.050 to 1.150 | 1.120 | 1.125 |"));
    }

    [Test]
    public void A_balanced_pipeline_is_measured_and_its_theory_is_the_closed_form()
    {
        PipelineGain gain = PipelineBenchmark.Measure("gpipe", Schedules.GPipe(2, 2), TwoStage.End, seconds: 0, small: true);
        Assert.That(gain.Theory, Is.EqualTo(9.0 / 8).Within(1e-12));
        Assert.That(new[] { gain.Gain, gain.Predicted, gain.GainLow, gain.GainHigh }, Is.All.Positive);
    }

    [Test]
    public void An_unknown_benchmark_is_refused_by_name() =>
        Assert.That(() => BenchmarkSuite.Run("nonsense").ToList(), Throws.ArgumentException.With.Message.Contains("nonsense"));
}
