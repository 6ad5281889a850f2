using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>Generators: pure functions from sizes to schedules of F and B, one stage per rank.</summary>
public static partial class Schedules
{
    private static readonly ImmutableSortedDictionary<string, Func<int, int, Schedule>> ByName =
        new Dictionary<string, Func<int, int, Schedule>>
        {
            ["naive"] = Naive,
            ["gpipe"] = GPipe,
            ["1f1b"] = OneForwardOneBackward,
        }.ToImmutableSortedDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names that <see cref="Create"/> knows, sorted.</summary>
    public static IEnumerable<string> Names => ByName.Keys;

    /// <summary>Calls the generator with this name.</summary>
    /// <param name="name">One of <see cref="Names"/>, in any case.</param>
    /// <param name="stages">Stages, one per rank; at least 1.</param>
    /// <param name="microbatches">Microbatches per step; at least 1.</param>
    /// <exception cref="ScheduleException">The name is unknown, or a count is below 1.</exception>
    public static Schedule Create(string name, int stages, int microbatches) =>
        ByName.TryGetValue(name, out var generate)
            ? generate(stages, microbatches)
            : throw new ScheduleException($"No schedule is called '{name}'.", $"known schedules: {string.Join(", ", Names)}.");

    private static Schedule PerRank(string name, int stages, int microbatches, Func<int, ImmutableArray<Action>> list)
    {
        if (stages < 1)
            throw new ScheduleException($"Schedule '{name}' was asked for {stages} stages.", "at least 1 stage is needed.");
        if (microbatches < 1)
            throw new ScheduleException(
                $"Schedule '{name}' was asked for {microbatches} microbatches.", "at least 1 microbatch is needed.");
        return new(name, Enumerable.Range(0, stages).Select(list).ToImmutableArray());
    }
}
