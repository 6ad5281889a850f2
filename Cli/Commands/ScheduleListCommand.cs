using System.CommandLine;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary><c>schedule list</c>: the built-in schedules, or what each costs.</summary>
internal static class ScheduleListCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<bool> costs = new("--table")
        {
            Description = "Print bubble, makespan and memory of all for 4, 8 and 16 ranks, as in docs/schedule-table.md.",
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Command command = new("list", "Lists the built-in schedules.") { costs, json };
        command.SetAction(parsed =>
        {
            bool asJson = parsed.GetValue(json);
            if (parsed.GetValue(costs))
                terminal.Out.Write(asJson ? Json.ToLine(new { rows = ScheduleTable.Rows }) + "\n" : ScheduleTable.ToPage());
            else if (asJson)
                terminal.Out.WriteLine(Json.ToLine(new { schedules = Schedules.All.Select(Describe) }));
            else
                terminal.Write(TableOf());
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static object Describe(ScheduleInfo info) => new
    {
        info.Name,
        info.Summary,
        info.Source,
        chunks = info.DefaultChunks,
        info.ChoosesChunks,
        info.Microbatches,
        info.Flushes,
        info.SplitsItself,
    };

    private static TextTable TableOf()
    {
        TextTable table = new("schedule", "stages per rank", "microbatches", "what it does", "source");
        foreach (ScheduleInfo info in Schedules.All)
            table.Add(info.Name, $"{info.DefaultChunks}{(info.ChoosesChunks ? " or --chunks" : "")}", info.Microbatches,
                info.Summary, info.Source);
        return table;
    }
}
