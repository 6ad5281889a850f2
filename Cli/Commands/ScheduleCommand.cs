using System.CommandLine;

namespace AutogradCore.Cli;

/// <summary><c>schedule</c>: looks at schedules without running them.</summary>
internal static class ScheduleCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancellation) =>
        new("schedule", "Lists, shows, validates, simulates, optimizes, converts and compares schedules.")
        {
            ScheduleListCommand.Create(terminal),
            ScheduleShowCommand.Create(terminal),
            ScheduleValidateCommand.Create(terminal),
            ScheduleSimulateCommand.Create(terminal),
            ScheduleOptimizeCommand.Create(terminal, cancellation),
            ScheduleConvertCommand.Create(terminal),
            ScheduleCompareCommand.Create(terminal),
        };
}
