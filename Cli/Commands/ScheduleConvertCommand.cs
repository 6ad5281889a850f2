using System.CommandLine;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary><c>schedule convert</c>: splits, fuses, and spells transfers out or drops them.</summary>
internal static class ScheduleConvertCommand
{
    private const string Insert = "insert", Remove = "remove", Reorder = "reorder";

    public static Command Create(Terminal terminal)
    {
        ScheduleOptions options = new();
        ScheduleOutputs outputs = new();
        Option<string?> transfers = new("--transfers")
        {
            Description = "insert spells SEND and RECV out in an order that cannot deadlock, remove drops them, "
                + "reorder moves each RECV that blocks work.",
        };
        transfers.AcceptOnlyFromAmong(Insert, Remove, Reorder);
        Option<bool> fuse = new("--fuse") { Description = "Make each W that directly follows its I one B with it." };
        Option<bool> json = new("--json") { Description = "Print one JSON object, with the CSV as a string." };
        Command command = new("convert", "Splits or fuses a schedule, inserts or removes transfers; prints CSV.");
        options.AddSource(command);
        options.AddSplit(command);
        options.AddCosts(command);
        command.Add(transfers);
        command.Add(fuse);
        outputs.AddCsv(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            outputs.RequirePlaces(parsed);
            ScheduleRequest request = options.Of(parsed);
            Schedule schedule = request.Create();
            if (parsed.GetValue(fuse)) schedule = FuseBackward.Apply(schedule);
            schedule = parsed.GetValue(transfers) switch
            {
                Insert => InsertTransfers.Apply(schedule),
                Remove => RemoveTransfers.Apply(schedule),
                Reorder => ReorderReceives.Apply(schedule, request.CostsOf(schedule)),
                _ => schedule,
            };
            outputs.Write(parsed, terminal, schedule.Name, schedule, () => []);
            if (parsed.GetValue(json)) ScheduleJson.WriteCsv(schedule, terminal.Out);
            else if (!outputs.HasCsv(parsed)) schedule.WriteCsv(terminal.Out);
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
