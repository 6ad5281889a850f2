using System.CommandLine;
using AutogradCore.Benchmarks;

namespace AutogradCore.Cli;

/// <summary><c>bench</c>: measures this build against the machine's own limits, and against a peer on request.</summary>
internal static class BenchCommand
{
    private static readonly string[] Names = [.. BenchmarkSuite.Names, PipelineBenchmark.Name];

    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        Argument<string[]> names = new("name")
        {
            Description = $"What to measure: {string.Join(", ", Names)}; all when none is named.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        names.AcceptOnlyFromAmong(Names);
        Option<bool> json = new("--json") { Description = "Print one JSON object per figure, one per line." };
        Option<string?> peer = new("--peer")
        {
            Description = "Also measure this library, in turns with ours, on the same work and threads.",
        };
        peer.AcceptOnlyFromAmong([.. BenchmarkSuite.Peers]);
        Option<bool> record = new("--record")
        {
            Description = "Write Benchmarks/results and docs/benchmarks.md of the repository.",
        };
        Command command = new("bench", "Measures kernels and training steps against the peak and the bandwidth of the same run.")
        {
            names, json, peer, record,
        };
        command.SetAction(parsed =>
        {
            string[] chosen = parsed.GetValue(names) is { Length: > 0 } some ? some : Names;
            string? root = parsed.GetValue(record) ? Root(Directory.GetCurrentDirectory()) : null;
            return (int)Run(chosen, parsed.GetValue(peer), parsed.GetValue(json), root, terminal, cancellation);
        });
        return command;
    }

    /// <summary>The repository around a folder.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    internal static string Root(string folder) => SourceTree.Around(folder) ?? throw new UsageException(
        $"--record writes into the repository, and {folder} is not inside it ({SourceTree.Mark} is not found upwards).",
        "call it inside the repository, or leave --record out");

    private static ExitCode Run(
        IReadOnlyList<string> names, string? peer, bool json, string? root, Terminal terminal, CancellationToken cancellation)
    {
        string? configuration = null;
        BenchmarkTool tool = new(ThisProgram.File, ThisProgram.FirstArguments);
        List<Measurement> figures = [];
        List<PipelineGain> gains = [];
        IEnumerable<Measurement> measured = names.Where(BenchmarkSuite.Names.Contains)
            .SelectMany(name => BenchmarkSuite.Run(name, peer, Note, tool));
        foreach (Measurement figure in measured)
        {
            cancellation.ThrowIfCancellationRequested();
            figures.Add(figure);
            if (json) terminal.Out.WriteLine(Json.ToLine(figure));
            else terminal.Error.WriteLine($"{figure.Measure} {figure.Shape}, {figure.Threads} threads");
        }
        foreach (PipelineGain gain in names.Contains(PipelineBenchmark.Name) ? PipelineBenchmark.Run() : [])
        {
            cancellation.ThrowIfCancellationRequested();
            gains.Add(gain);
            if (json) terminal.Out.WriteLine(Json.ToLine(gain));
            else terminal.Error.WriteLine($"{PipelineBenchmark.Name} {gain.Schedule}");
        }
        if (!json && figures.Count > 0) terminal.Write(TableOf(figures, peer));
        if (!json && gains.Count > 0) terminal.Write(TableOf(gains));
        if (root is not null) Record(root, configuration, figures, gains, terminal);
        return ExitCode.Ok;

        void Note(string found)
        {
            configuration ??= found;
            terminal.Error.WriteLine(found);
        }
    }

    private static void Record(string root, string? peer, List<Measurement> figures, List<PipelineGain> gains, Terminal terminal)
    {
        DateOnly day = DateOnly.FromDateTime(DateTime.UtcNow);
        string results = Path.Combine(root, "Benchmarks", "results"), page = Path.Combine(root, "docs", "benchmarks.md");
        WholeFile.MakeFolder(results);
        string lines = Path.Combine(results, $"{day:yyyy-MM-dd}-{Environment.ProcessorCount}-cores.jsonl");
        WholeFile.Write(lines, BenchmarkRecord.ToLines(day, peer, figures, gains));
        WholeFile.Write(page, BenchmarkRecord.ToPage(day, peer, figures, gains));
        terminal.Error.WriteLine($"Written to {lines} and {page}");
    }

    private static TextTable TableOf(IReadOnlyList<Measurement> figures, string? peer)
    {
        string[] ours = ["measure", "shape", "threads", "value", "of bound"];
        TextTable table = new(peer is null ? ours : [.. ours, peer, $"of {peer}"]);
        foreach (Measurement f in figures)
        {
            table.Add(
            [
                f.Measure, f.Shape, $"{f.Threads}", $"{f.Value:N1} {f.Unit}", $"{f.OfBound:P0}",
                .. peer is null ? [] : new[] { $"{f.Peer:N1}", $"{f.OfPeer:0.00}" },
            ]);
        }
        return table;
    }

    private static TextTable TableOf(IReadOnlyList<PipelineGain> gains)
    {
        TextTable table = new("schedule", "stages", "microbatches", "gain by 2BP", "middle half", "predicted", "theory");
        foreach (PipelineGain g in gains)
            table.Add(g.Schedule, $"{g.Stages}", $"{g.Microbatches}", $"{g.Gain:0.000}",
                $"{g.GainLow:0.000} to {g.GainHigh:0.000}", $"{g.Predicted:0.000}", $"{g.Theory:0.000}");
        return table;
    }
}
