using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>Which rank each stage lives on, for schedules that are still to be made.</summary>
internal sealed class StagePlacement
{
    internal StagePlacement(ImmutableArray<int> rankOf, int stages)
    {
        if (rankOf.IsDefault || rankOf.Length != stages)
            throw new ScheduleException(
                $"A placement of {(rankOf.IsDefault ? 0 : rankOf.Length)} stages; the costs have {stages}.",
                "give a rank per stage.");
        RankOf = rankOf;
        Ranks = rankOf.Length == 0 ? 0 : rankOf.Max() + 1;
        if (Ranks == 0 || rankOf.Min() < 0 || Enumerable.Range(0, Ranks).Except(rankOf).Any())
            throw new ScheduleException(
                $"A placement of stages on the ranks {string.Join(", ", rankOf)}.", "ranks count from 0, and each has a stage.");
        StagesOf = [.. Enumerable.Range(0, Ranks).Select(r => Enumerable.Range(0, stages).Where(s => rankOf[s] == r).ToArray())];
    }

    internal ImmutableArray<int> RankOf { get; }

    internal int Ranks { get; }

    internal int Stages => RankOf.Length;

    /// <summary>The stages of each rank, ascending.</summary>
    internal int[][] StagesOf { get; }

    internal static StagePlacement Loop(int ranks, int stages)
    {
        if (ranks < 1 || stages < ranks)
            throw new ScheduleException($"{stages} stages on {ranks} ranks.", "each rank needs a stage.");
        return new([.. Enumerable.Range(0, stages).Select(s => s % ranks)], stages);
    }

    internal static StagePlacement Of(Schedule schedule) =>
        new([.. Enumerable.Range(0, schedule.Stages).Select(schedule.RankOf)], schedule.Stages);

    /// <summary>The time on the way between neighbouring stages; 0 on one rank.</summary>
    internal double Delay(StageCosts costs, int from, int to) => RankOf[from] == RankOf[to] ? 0 : costs.Transfer(from, to);

    /// <summary>What a rank holds without any microbatch.</summary>
    internal long Parameters(StageCosts costs, int rank) => StagesOf[rank].Sum(s => costs.Memory[s].Parameters);
}
