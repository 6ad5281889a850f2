using System.CommandLine;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary><c>schedule show</c>: what each rank does, in order.</summary>
internal static class ScheduleShowCommand
{
    public static Command Create(Terminal terminal)
    {
        ScheduleOptions options = new();
        ScheduleOutputs outputs = new();
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Command command = new("show", "Shows a schedule as a grid: one row per rank, one cell per action.");
        options.AddSource(command);
        options.AddSplit(command);
        options.AddCosts(command);
        outputs.AddCsv(command);
        outputs.AddSvg(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            outputs.RequirePlaces(parsed);
            ScheduleRequest request = options.Of(parsed);
            Schedule schedule = request.Create();
            outputs.Write(parsed, terminal, $"{schedule}", schedule, () => [Simulator.Run(schedule, request.CostsOf(schedule))]);
            if (parsed.GetValue(json)) ScheduleJson.WriteActions(schedule, terminal.Out);
            else
            {
                terminal.Out.Write($"{schedule}\n");
                schedule.WriteGrid(terminal.Out);
                terminal.Out.WriteLine();
            }
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
