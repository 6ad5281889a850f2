using System.Globalization;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>Reads <c>--costs</c>: <c>F,I,W</c> of a rank's part of the model, triples with <c>;</c> between for its stages, or
/// <c>@file</c>.</summary>
internal static class CostText
{
    private const string Form = "use one F,I,W for a rank's part of the model, one F,I,W per stage with ';' between them, "
        + "or @profile.json";

    /// <summary>What the costs are the costs of.</summary>
    /// <param name="text">The words after <c>--costs</c>.</param>
    public static CostSource SourceOf(string text) => text.StartsWith('@') ? CostSource.File
        : text.Contains(';', StringComparison.Ordinal) ? CostSource.Stages
        : CostSource.Model;

    /// <summary>The costs of a schedule's stages.</summary>
    /// <param name="text">The words after <c>--costs</c>.</param>
    /// <param name="comm">The time of each transfer; null for none, or for those of the profile.</param>
    /// <param name="schedule">The schedule.</param>
    /// <exception cref="AutogradException">Not of that form, for other stages, or with impossible times.</exception>
    public static StageCosts Parse(string text, double? comm, Schedule schedule)
    {
        int stages = schedule.Stages;
        if (comm is { } time && !(time >= 0 && double.IsFinite(time)))
            throw new UsageException(Invariant($"--comm is {time}."), "use a time of 0 or more");
        if (text.Trim() == "@")
            throw new UsageException("--costs @ names no file.", Form);
        if (text.StartsWith('@'))
        {
            StageCosts costs = CostFile.Read(text[1..]);
            if (costs.Stages != stages)
                throw new ScheduleFileException($"{text[1..]} has the costs of {costs.Stages} stages, the schedule has {stages}.",
                    "profile the model with the stages of the schedule");
            return comm is null ? costs : WithLinks(costs, comm.Value);
        }
        double[][] triples = [.. text.Split(';').Select(triple => Triple(text, triple))];
        if (SourceOf(text) == CostSource.Model)
            return StageCosts.OfModel(schedule, triples[0][0], triples[0][1], triples[0][2], new Link(comm ?? 0));
        if (triples.Length != stages)
            throw new UsageException($"--costs has {triples.Length} triples, the schedule has {stages} stages.", Form);
        double[] Of(int letter) => [.. triples.Select(triple => triple[letter])];
        return WithLinks(new StageCosts([.. Of(0)], [.. Of(1)], [.. Of(2)]), comm ?? 0);
    }

    private static double[] Triple(string text, string triple)
    {
        string[] parts = triple.Split(',');
        double[] times = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out times[i]) || !(times[i] >= 0)
                || double.IsInfinity(times[i]))
                throw new UsageException($"--costs {text}: '{parts[i].Trim()}' is no time.", Form);
        return times.Length == 3
            ? times
            : throw new UsageException($"--costs {text}: '{triple}' has {times.Length} numbers.", Form);
    }

    private static StageCosts WithLinks(StageCosts costs, double time) =>
        new(costs.Forward, costs.Inputs, costs.Weights,
            [.. Enumerable.Repeat(new Link(time), Math.Max(0, costs.Stages - 1))], costs.Unit)
        {
            Memory = costs.Memory,
            AllReduce = costs.AllReduce,
        };

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
