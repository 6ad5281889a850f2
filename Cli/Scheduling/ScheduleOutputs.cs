using System.CommandLine;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>The files in which the schedule commands leave schedules and timelines.</summary>
internal sealed class ScheduleOutputs
{
    private readonly Option<string?> _csv =
        new("--csv") { Description = "Write the schedule to this file, in PyTorch's layout." };

    private readonly Option<string?> _svg = new("--svg") { Description = "Draw the simulated timeline into this SVG file." };

    private readonly Option<string?> _trace =
        new("--trace") { Description = "Write the timeline to this file, for ui.perfetto.dev and schedule compare." };

    private readonly Option<string?> _html =
        new("--html") { Description = "Write one self-contained page with zoom and details to this file." };

    /// <summary>Adds the file of the schedule itself.</summary>
    public void AddCsv(Command command) => command.Add(_csv);

    /// <summary>Adds the picture.</summary>
    public void AddSvg(Command command) => command.Add(_svg);

    /// <summary>Adds trace and page.</summary>
    public void AddTimelines(Command command)
    {
        AddSvg(command);
        command.Add(_trace);
        command.Add(_html);
    }

    /// <summary>Whether the schedule itself goes to a file.</summary>
    public bool HasCsv(ParseResult parsed) => parsed.GetValue(_csv) is not null;

    /// <summary>Writes what was asked for, and says so.</summary>
    /// <exception cref="AutogradException">A file cannot be written, or the timelines have no common axis.</exception>
    public void Write(
        ParseResult parsed, Terminal terminal, string title, Schedule? schedule, Func<IReadOnlyList<Timeline>> timelines)
    {
        Lazy<IReadOnlyList<Timeline>> all = new(timelines);
        if (schedule is not null) Write(_csv, schedule.WriteCsv);
        Write(_svg, file => file.Write(TimelineSvg.Draw(all.Value, title)));
        Write(_trace, file => file.Write(ChromeTrace.ToJson([.. all.Value])));
        Write(_html, file => file.Write(TimelinePage.Write(all.Value, title)));

        void Write(Option<string?> option, Action<TextWriter> content)
        {
            if (!parsed.CommandResult.Command.Options.Contains(option) || parsed.GetValue(option) is not { } path) return;
            WholeFile.Write(path, content);
            terminal.Error.WriteLine($"Written to {path}");
        }
    }
}
