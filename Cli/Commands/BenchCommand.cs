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
        Command command = new(
            "bench", "Measures kernels and training steps against the peak and the bandwidth of the same run.") { names, json };
        command.SetAction(parsed => (int)Run(
            parsed.GetValue(names) is { Length: > 0 } chosen ? chosen : BenchmarkSuite.Names, parsed.GetValue(json), terminal));
        return command;
    }

    private static ExitCode Run(IReadOnlyList<string> names, bool json, Terminal terminal)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("measure", "shape", "threads", "value", "of bound");
        foreach (Measurement figure in names.SelectMany(BenchmarkSuite.Run))
        {
            if (json) terminal.Out.WriteLine(Json.ToLine(figure));
            else
            {
                terminal.Error.WriteLine($"{figure.Measure} {figure.Shape}");
                table.AddRow(Markup.Escape(figure.Measure), Markup.Escape(figure.Shape), $"{figure.Threads}",
                    Markup.Escape($"{figure.Value:N1} {figure.Unit}"), figure.OfBound is { } share ? $"{share:P0}" : "");
            }
        }
        if (!json) terminal.Results.Write(table);
        return ExitCode.Ok;
    }
}
