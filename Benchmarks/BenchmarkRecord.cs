using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Json;

namespace AutogradCore.Benchmarks;

/// <summary>Figures with the machine and the day they were measured on:
/// a file of JSON lines, and the table in the docs made from it.</summary>
public static class BenchmarkRecord
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>The machine, in the words of the first line of a record.</summary>
    public static string Machine { get; } = $"{Processor()}, {Environment.ProcessorCount} cores, "
        + $"{Vectors}, .NET {Environment.Version}";

    private static string Vectors => Vector512.IsHardwareAccelerated ? "AVX-512"
        : Vector256.IsHardwareAccelerated ? "256-bit vectors" : "128-bit vectors";

    /// <summary>One JSON object per line: the machine and the day, then the figures.</summary>
    public static string ToLines(DateOnly day, string? peer, IEnumerable<Measurement> figures, IEnumerable<PipelineGain> gains)
    {
        StringBuilder text = new(JsonSerializer.Serialize(new { machine = Machine, day, peer }, Options) + "\n");
        foreach (Measurement figure in figures) text.Append(JsonSerializer.Serialize(figure, Options)).Append('\n');
        foreach (PipelineGain gain in gains) text.Append(JsonSerializer.Serialize(gain, Options)).Append('\n');
        return text.ToString();
    }

    /// <summary>The page of the docs: one row per figure.</summary>
    public static string ToPage(DateOnly day, string? peer, IReadOnlyList<Measurement> figures, IReadOnlyList<PipelineGain> gains)
    {
        StringBuilder text = new($"""
            # Measured

            {Machine}, {day:yyyy-MM-dd}. Medians; turns that disagree are taken again, up to twice, and
            those that agree best count. The bound is measured in turns with ours: the multiply-add peak for arithmetic, the copy
            bandwidth of 64 MiB for what moves memory (what fits a cache may exceed it): the bytes that forward, the copy of the
            given gradient and backward read and write. Memory of a step is the peak of a fresh process, runtime included, where
            less is better; its bound is what our tensors take.
            {(peer is null ? "" : $"Peer, in turns with ours on the same threads: {peer}. ")}Regenerate with
            `./build.sh bench {(peer is null ? "" : "--peer torch ")}--record`.

            | measure | shape | threads | value | of bound |
            """);
        if (peer is not null) text.Append(" peer | ours / peer |");
        text.Append("\n|---|---|---|---|---|").Append(peer is null ? "\n" : "---|---|\n");
        foreach (Measurement f in figures)
        {
            text.Append($"| {f.Measure} | {f.Shape} | {f.Threads} | {f.Value:N1} {f.Unit} | {f.OfBound:P0} |");
            if (peer is not null) text.Append($" {f.Peer:N1} | {f.OfPeer:0.00} |");
            text.Append('\n');
        }
        if (gains.Count > 0) Append(text, gains);
        return text.ToString();
    }

    private static void Append(StringBuilder text, IReadOnlyList<PipelineGain> gains)
    {
        text.Append("""

            ## What the split backward pass brings

            Throughput with 2BP over throughput without it: two equal stages of transformer blocks, one core each, whole steps
            with their update in turns. Predicted is what the simulator finds with the costs of the same run, theory what it
            finds at equal costs of F, I and W.

            | schedule | stages | microbatches | measured | middle half | predicted | theory |
            |---|---|---|---|---|---|---|

            """);
        foreach (PipelineGain g in gains)
            text.Append($"| {g.Schedule} | {g.Stages} | {g.Microbatches} | {g.Gain:0.000} |")
                .Append($" {g.GainLow:0.000} to {g.GainHigh:0.000} | {g.Predicted:0.000} | {g.Theory:0.000} |\n");
    }

    private static string Processor()
    {
        const string path = "/proc/cpuinfo", key = "model name";
        string? line = File.Exists(path)
            ? File.ReadLines(path).FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            ?? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString();
    }
}
