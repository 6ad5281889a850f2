using System.CommandLine;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>The files in which the schedule commands leave schedules and timelines.</summary>
internal sealed class ScheduleOutputs
{
    private readonly Option<string?> _csv =
        Of("--csv", "Write the schedule to this file, in PyTorch's layout.");

    private readonly Option<string?> _svg = Of("--svg", "Draw the simulated timeline into this SVG file.");

    private readonly Option<string?> _trace =
        Of("--trace", "Write the timeline to this file, for ui.perfetto.dev and schedule compare.");

    private readonly Option<string?> _html =
        Of("--html", "Write one self-contained page with zoom and details to this file.");

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

    /// <summary>Refuses files that have no place, before any work is done for them.</summary>
    /// <exception cref="OutputException">A folder is missing, or a folder stands there.</exception>
    public void RequirePlaces(ParseResult parsed)
    {
        foreach (Option<string?> option in new[] { _csv, _svg, _trace, _html })
            if (PathOf(option, parsed) is { } path) WholeFile.RequirePlace(path);
    }

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
            if (PathOf(option, parsed) is not { } path) return;
            WholeFile.Write(path, content);
            terminal.Error.WriteLine($"Written to {path}");
        }
    }

    private static string? PathOf(Option<string?> option, ParseResult parsed) =>
        parsed.CommandResult.Command.Options.Contains(option) ? parsed.GetValue(option) : null;

    private static Option<string?> Of(string name, string description) =>
        new Option<string?>(name) { Description = description }.OfPath();
}
