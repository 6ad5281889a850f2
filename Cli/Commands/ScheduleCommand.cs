using System.CommandLine;

namespace AutogradCore.Cli;

/// <summary><c>schedule</c>: looks at schedules without running them.</summary>
internal static class ScheduleCommand
{
    /// <summary>With the command below it that a word calls, or all.</summary>
    public static Command Create(string? word, Terminal terminal, CancellationToken cancellation)
    {
        Command command = new("schedule", "Lists, shows, validates, simulates, optimizes, converts and compares schedules.");
        foreach (Command below in CommandEntry.Called(word,
            new("list", () => ScheduleListCommand.Create(terminal)),
            new("show", () => ScheduleShowCommand.Create(terminal)),
            new("validate", () => ScheduleValidateCommand.Create(terminal)),
            new("simulate", () => ScheduleSimulateCommand.Create(terminal)),
            new("optimize", () => ScheduleOptimizeCommand.Create(terminal, cancellation)),
            new("convert", () => ScheduleConvertCommand.Create(terminal)),
            new("compare", () => ScheduleCompareCommand.Create(terminal))))
            command.Add(below);
        return command;
    }
}
