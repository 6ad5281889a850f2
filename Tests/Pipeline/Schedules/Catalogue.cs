using AutogradCore.Pipeline;

namespace AutogradCore.Tests.Pipeline;

/// <summary>The built-in schedules by kind, at sizes that they take.</summary>
internal static class Catalogue
{
    /// <summary>Those that end a step with all work done.</summary>
    internal static IEnumerable<string> Flushing => Names(info => info.Flushes);

    /// <summary>Those of one stage per rank that end a step with all work done.</summary>
    internal static IEnumerable<string> OneStagePerRank => Names(info => info is { Flushes: true, DefaultChunks: 1 });

    /// <summary>Those defined with B alone, that is without a split of their own.</summary>
    internal static IEnumerable<string> Whole => Flushing.Except(Split);

    /// <summary>Those defined with I and W.</summary>
    internal static IEnumerable<string> Split =>
        Flushing.Where(name => Schedules.Create(name, 2, 4)[0].Any(action => action.Kind == ActionKind.BackwardInputs));

    /// <summary>The schedule with 1 to 12 microbatches where it takes them, and what it takes up to 6 more than its fewest;
    /// with 1 to 3 chunks where they can be chosen, and 1 to 4 batches where it does not flush.</summary>
    internal static IEnumerable<Schedule> Sizes(string name, int ranks)
    {
        var info = Schedules.Info(name);
        var most = Math.Max(12, info.MicrobatchesPerRank * ranks + 6);
        return
            from m in Enumerable.Range(1, most)
            where info.Takes(ranks, m)
            from chunks in info.ChoosesChunks ? [1, 2, 3] : new[] { info.DefaultChunks }
            from batches in info.Flushes ? [1] : info.SingleMicrobatch ? Enumerable.Range(1, 12) : [1, 2, 4]
            select Schedules.Create(name, ranks, m, chunks, batches);
    }

    private static IEnumerable<string> Names(Func<ScheduleInfo, bool> choose) =>
        Schedules.All.Where(choose).Select(info => info.Name);
}
