using System.Collections.Immutable;
using System.Text;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>A schedule, trace or cost file that cannot be read, or holds something else.</summary>
internal sealed class ScheduleFileException(string message, string? hint = null, Exception? inner = null)
    : AutogradException(message, hint, inner);

/// <summary>Reads schedules and timelines from files.</summary>
internal static class ScheduleFile
{
    private const int MostCharacters = 1 << 29; // a JSON text of as many can be parsed

    /// <summary>Whether a word after <c>--schedule</c> means a file rather than a name.</summary>
    public static bool IsMeant(string word) => word.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || IsTrace(word)
        || word.Contains('/', StringComparison.Ordinal) || word.Contains('\\', StringComparison.Ordinal) || File.Exists(word)
        || (Directory.Exists(word) && !Schedules.Names.Contains(word, StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether a file is a trace, by its name.</summary>
    public static bool IsTrace(string word) => word.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a schedule in PyTorch's CSV layout; it may be illegal.</summary>
    /// <exception cref="AutogradException">The file cannot be read, or a cell is no action.</exception>
    public static Schedule Read(string path)
    {
        Schedule schedule;
        try
        {
            schedule = Read(path, reader => Schedule.FromCsv(reader, Path.GetFileName(path)));
        }
        catch (ScheduleFormatException error) when (error.Text.Contains('\0', StringComparison.Ordinal))
        {
            throw NoText(path, error);
        }
        return schedule.Count > 0
            ? schedule
            : throw new ScheduleFileException($"{path} holds no action.",
                "a schedule has one row per rank and one cell per action");
    }

    /// <summary>Reads the timelines of a Chrome trace that this tool wrote.</summary>
    /// <exception cref="AutogradException">The file cannot be read, or is something else.</exception>
    public static ImmutableArray<Timeline> ReadTrace(string path)
    {
        try
        {
            return ChromeTrace.FromJson(Text(path));
        }
        catch (AutogradException error) when (error is ScheduleException or ScheduleFormatException)
        {
            throw new ScheduleFileException($"{path} holds no timeline: {error.Message.Split('\n')[0].Trim()}",
                $"{error.Hint} Give a trace that train or schedule simulate wrote.", error);
        }
    }

    /// <summary>A file's text.</summary>
    /// <exception cref="ScheduleFileException">It cannot be read, is no text, or is too long for one.</exception>
    public static string Text(string path) => Read(path, reader =>
    {
        StringBuilder text = new();
        char[] piece = new char[1 << 16];
        while (reader.Read(piece) is > 0 and var count)
        {
            if (piece.AsSpan(0, count).Contains('\0')) throw NoText(path);
            if (text.Append(piece.AsSpan(0, count)).Length > MostCharacters)
                throw new ScheduleFileException($"{path} has more than {MostCharacters} characters.", "no trace is as long");
        }
        return text.ToString();
    });

    private static T Read<T>(string path, Func<StreamReader, T> read)
    {
        if (Directory.Exists(path)) throw IsFolder(path);
        StreamReader reader;
        try
        {
            reader = new StreamReader(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Unreadable(path, error);
        }
        using (reader)
        {
            try
            {
                return read(reader);
            }
            catch (IOException error)
            {
                throw Unreadable(path, error);
            }
        }
    }

    private static ScheduleFileException Unreadable(string path, Exception error) =>
        new($"{path} cannot be read: {error.Message}", "check the path", error);

    private static ScheduleFileException NoText(string path, Exception? error = null) =>
        new($"{path} is not text.", "a schedule is a CSV file in PyTorch's layout", error);

    private static ScheduleFileException IsFolder(string path)
    {
        string trace = new RunFolder(path).Trace;
        return new ScheduleFileException($"{path} is a folder, and a file is needed.",
            File.Exists(trace) ? $"the timeline of the run in it is {trace}" : "name a file in it");
    }
}
