using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>Costs of stages as a JSON file.</summary>
internal static class CostFile
{
    /// <summary>The file's text for some costs.</summary>
    public static string Write(StageCosts costs) => CostsJson.Write(costs, indented: true) + "\n";

    /// <summary>Reads costs back.</summary>
    /// <exception cref="ScheduleFileException">The file cannot be read, or holds something else.</exception>
    public static StageCosts Read(string path)
    {
        try
        {
            return CostsJson.Read(ScheduleFile.Text(path));
        }
        catch (AutogradException error) when (error is ScheduleException or ScheduleFormatException)
        {
            throw new ScheduleFileException($"{path} holds no costs: {error.Message.Split('\n')[0].Trim()}",
                error.Hint, error);
        }
    }
}
