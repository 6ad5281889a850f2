using System.CommandLine;
using Spectre.Console;

namespace AutogradCore.Cli;

/// <summary><c>doctor</c>: what this machine and this build can do, and why not the rest.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Command command = new("doctor", "Says what this machine and this build can do, and why not the rest.") { json };
        command.SetAction(parsed =>
        {
            Diagnosis diagnosis = Diagnosis.OfThisMachine();
            if (parsed.GetValue(json)) terminal.Out.WriteLine(Json.ToLine(diagnosis));
            else Print(diagnosis, terminal.Results);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Print(Diagnosis d, IAnsiConsole console)
    {
        Table table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumns("", "");
        void Row(string name, string value) => table.AddRow(Markup.Escape(name), Markup.Escape(value));
        Row("system", $"{d.Os}, {d.Architecture}");
        Row(".NET", d.Dotnet);
        Row("cores", $"{d.Cores}");
        Row("memory", $"{d.MemoryBytes / (double)(1L << 30):0.0} GiB");
        Row("SIMD", $"{d.Simd.Level} ({string.Join(", ", d.Simd.Sets)})");
        foreach (Capability c in d.System.Concat(d.Backends).Concat(d.Libraries))
            Row(c.Name, c.Available ? $"yes{(c.Detail is null ? "" : $": {c.Detail}")}" : $"no: {c.Reason}");
        console.Write(table);
    }
}
