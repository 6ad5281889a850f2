using System.CommandLine;
using AutogradCore.Checking;

namespace AutogradCore.Cli;

/// <summary><c>gradcheck</c>: every op against the five-point stencil, and against the laws of the split.</summary>
internal static class GradCheckCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        Option<string?> op =
            new("--op") { Description = "One op, such as MatMul, or one sample of it, such as \"MatMul:batched\"." };
        Option<string> on = new("--backend")
        {
            Description = $"Where the ops run: {string.Join(" or ", Backends.Names)}.",
            DefaultValueFactory = _ => "reference",
        };
        Option<string?> device = new("--device") { Description = Backends.DeviceHelp };
        Option<bool> json = new("--json") { Description = "Print one JSON object per sample and operand, one per line." };
        Command command = new("gradcheck",
            "Checks the gradients of every op in double, and that the split backward pass changes no bit.")
        {
            op, on, device, json,
        };
        command.SetAction(parsed =>
        {
            IReadOnlyList<OpSample> samples = Select(parsed.GetValue(op));
            using IBackend backend =
                Backends.Create(Backends.Chosen(parsed, on, device), Environment.ProcessorCount, device: parsed.GetValue(device));
            return (int)Run(samples, backend, parsed.GetValue(json), terminal, cancellation);
        });
        return command;
    }

    /// <summary>The samples of an op, or all.</summary>
    /// <exception cref="UsageException">No op has that name.</exception>
    private static IReadOnlyList<OpSample> Select(string? name)
    {
        if (name is null) return OpCatalog.Samples;
        OpSample[] samples = [.. OpCatalog.Samples.Where(
            s => Same(s.Name, name) || Same(GradCheckLine.OpOf(s), name) || Same(s.Op.Name, name))];
        if (samples.Length > 0) return samples;
        string[] names = [.. OpCatalog.Samples.Select(GradCheckLine.OpOf).Distinct().Order(StringComparer.Ordinal)];
        IReadOnlyList<string> near = Spelling.Near(name, names);
        throw new UsageException($"There is no op '{name}'.", near.Count > 0
            ? $"did you mean {string.Join(" or ", near)}?"
            : $"ops are {string.Join(", ", names)}");

        static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
    }

    private static ExitCode Run(
        IReadOnlyList<OpSample> samples, IBackend backend, bool json, Terminal terminal, CancellationToken cancellation)
    {
        TextTable table = new("op", "operand", "worst error", "verdict", "phase", "poison");
        bool passed = true;
        foreach (OpSample sample in samples)
        {
            cancellation.ThrowIfCancellationRequested();
            GradCheckReport report = sample.Check(backend);
            passed &= report.Passed;
            foreach (GradCheckLine line in GradCheckLine.Of(sample, report))
            {
                if (json) terminal.Out.WriteLine(Json.ToLine(line));
                else table.Add(Cells(sample, line));
            }
            if (!report.Passed) terminal.Error.WriteLine(report);
        }
        if (!json)
        {
            terminal.Write(table);
            terminal.Out.WriteLine(
                $"{samples.Count} samples of {samples.Select(s => s.Op).Distinct().Count()} ops: "
                + $"{(passed ? "all right" : "NOT all right")}.");
        }
        return passed ? ExitCode.Ok : ExitCode.CheckFailed;
    }

    private static string[] Cells(OpSample sample, GradCheckLine line) =>
    [
        sample.Name, line.Operand ?? "-", line.Operand is null ? "-" : $"{line.WorstError:0.0e+00}", line.Verdict, line.Phase,
        line.Poison,
    ];
}
