using System.CommandLine;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary><c>schedule validate</c>: whether a schedule can run, and if not, what is missing where.</summary>
internal static class ScheduleValidateCommand
{
    public static Command Create(Terminal terminal)
    {
        ScheduleOptions options = new();
        Option<string?> file = new Option<string?>("--file")
        {
            Description = "The schedule's CSV file; the same as --schedule with a file.",
        }.OfPath();
        Option<bool> rendezvous = new("--rendezvous")
        {
            Description = "Demand also that it cannot deadlock where a send waits for its receive, without any buffer.",
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Command command = new("validate", "Says whether a schedule can run, and if not, why; exit code 1 then.") { file };
        options.AddSource(command);
        command.Add(rendezvous);
        command.Add(json);
        command.SetAction(parsed =>
        {
            ScheduleRequest request = options.Of(parsed);
            if (parsed.GetValue(file) is { } path)
            {
                if (options.IsNamed(parsed))
                    throw new UsageException("--file and --schedule both name a schedule.", "give one of them");
                // A name that is no path would be looked up among the built-in schedules.
                request = request with { Schedule = ScheduleFile.IsMeant(path) ? path : Path.Combine(".", path) };
            }
            Schedule schedule = request.Load();
            ScheduleException? error = Verdict(schedule, parsed.GetValue(rendezvous));
            if (parsed.GetValue(json)) terminal.Out.WriteLine(error is null ? Valid(schedule) : Invalid(schedule, error));
            else if (error is null) terminal.Out.WriteLine($"{schedule}: valid.");
            else terminal.Error.WriteLine(error.Message);
            return (int)(error is null ? ExitCode.Ok : ExitCode.CheckFailed);
        });
        return command;
    }

    private static ScheduleException? Verdict(Schedule schedule, bool rendezvous)
    {
        try
        {
            if (rendezvous) Rendezvous.Check(schedule);
            else ScheduleValidator.Check(schedule);
            return null;
        }
        catch (ScheduleException error)
        {
            return error;
        }
    }

    private static string Valid(Schedule schedule) =>
        Json.ToLine(new { valid = true, schedule = schedule.Name, schedule.Ranks, schedule.Stages, schedule.Microbatches });

    private static string Invalid(Schedule schedule, ScheduleException error) => Json.ToLine(new
    {
        valid = false,
        schedule = schedule.Name,
        rule = error.Rule,
        error.Rank,
        error.Step,
        action = error.Action?.ToString(),
        needs = error.Needs?.ToString(),
        message = error.Violation?.Message ?? error.Message,
    });
}
