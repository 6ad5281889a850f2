using System.CommandLine;

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
            else Print(diagnosis, terminal);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Print(Diagnosis d, Terminal terminal)
    {
        TextTable table = new("", "");
        table.Add("system", $"{d.Os}, {d.Architecture}");
        table.Add(".NET", d.Dotnet);
        table.Add("cores", $"{d.Cores}");
        table.Add("memory", $"{d.MemoryBytes / (double)(1L << 30):0.0} GiB");
        table.Add("SIMD", $"{d.Simd.Level} ({string.Join(", ", d.Simd.Sets)})");
        foreach (Capability c in d.System.Concat(d.Backends).Concat(d.Libraries))
            table.Add(c.Name, c.Available ? $"yes{(c.Detail is null ? "" : $": {c.Detail}")}" : $"no: {c.Reason}");
        terminal.Write(table);
    }
}
