using System.Text.Json;
using System.Text.Json.Nodes;

namespace AutogradCore.Cli;

/// <summary>The results that a run has still to write when its checkpoint has all its steps: a kill may have come between the
/// checkpoint and the files after it.</summary>
internal static class OwedResults
{
    /// <summary>The summary on one line, if the file holds one of a finished run with these parameters; else null.</summary>
    public static string? Summary(RunFolder folder, string parameterHash)
    {
        try
        {
            JsonNode? summary = JsonNode.Parse(File.ReadAllText(folder.Summary));
            bool isOfRun = summary?["parameterHash"]?.GetValue<string>() == parameterHash
                && summary["interrupted"]?.GetValue<bool>() == false;
            return isOfRun ? summary!.ToJsonString() : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException
            or InvalidOperationException)
        {
            return null; // missing, cut off or something else: it is written anew
        }
    }

    /// <summary>Writes the table of the losses where it is missing or says something else, and then the chart too.</summary>
    /// <returns>The names of the files that were written.</returns>
    public static IReadOnlyList<string> WriteCurve(RunFolder folder, LossHistory history, string title)
    {
        if (history.Rows.Count == 0) return [];
        List<string> written = [];
        string table = history.ToCsv();
        if (Text(folder.LossTable) != table) Write(folder.LossTable, table);
        if (written.Count > 0 || !File.Exists(folder.LossChart)) Write(folder.LossChart, history.ToSvg(title));
        return written;

        void Write(string path, string text)
        {
            WholeFile.Write(path, text);
            written.Add(Path.GetFileName(path));
        }
    }

    private static string? Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
