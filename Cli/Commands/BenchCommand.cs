using System.CommandLine;
using AutogradCore.Benchmarks;
using Spectre.Console;

namespace AutogradCore.Cli;

/// <summary><c>bench</c>: measures this build against the machine's own limits.</summary>
internal static class BenchCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> names = new("name")
        {
            Description = $"What to measure: {string.Join(", ", BenchmarkSuite.Names)}; all when none is named.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        names.AcceptOnlyFromAmong([.. BenchmarkSuite.Names]);
        Option<bool> json = new("--json") { Description = "Print one JSON object per figure, one per line." };
        Option<string?> peer = new("--peer") { Description = "Also measure this library, in turns with ours, on the same work and threads." };
        peer.AcceptOnlyFromAmong([.. BenchmarkSuite.Peers]);
        Command command = new("bench", "Measures kernels and training steps against the peak and the bandwidth of the same run.") { names, json, peer };
        command.SetAction(parsed => (int)Run(parsed.GetValue(names) is { Length: > 0 } chosen ? chosen : BenchmarkSuite.Names,
            parsed.GetValue(peer), parsed.GetValue(json), terminal));
        return command;
    }

    private static ExitCode Run(IReadOnlyList<string> names, string? peer, bool json, Terminal terminal)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("measure", "shape", "threads", "value", "of bound");
        if (peer is not null) table.AddColumns(peer, $"of {peer}");
        foreach (Measurement figure in names.SelectMany(name => BenchmarkSuite.Run(name, peer, terminal.Error.WriteLine)))
        {
            if (json) terminal.Out.WriteLine(Json.ToLine(figure));
            else
            {
                terminal.Error.WriteLine($"{figure.Measure} {figure.Shape}");
                string[] cells =
                [
                    figure.Measure, figure.Shape, $"{figure.Threads}", $"{figure.Value:N1} {figure.Unit}", $"{figure.OfBound:P0}",
                    .. peer is null ? [] : new[] { $"{figure.Peer:N1}", $"{figure.OfPeer:0.00}" },
                ];
                table.AddRow([.. cells.Select(Markup.Escape)]);
            }
        }
        if (!json) terminal.Results.Write(table);
        return ExitCode.Ok;
    }
}
