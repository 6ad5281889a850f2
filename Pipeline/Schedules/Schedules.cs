using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>Generators: pure functions from sizes to schedules.</summary>
/// <remarks>
/// On every stage F, I, W and B come in ascending microbatch order, so gradients are summed as on one device. Closed forms of
/// bubbles are idle times per rank, at most, for costs F, I, W equal on all stages and transfers for free.
/// </remarks>
public static partial class Schedules
{
    /// <summary>The names that <see cref="Create"/> knows, in the order of <see cref="All"/>.</summary>
    public static IEnumerable<string> Names => All.Select(info => info.Name);

    /// <summary>Finds a schedule by name.</summary>
    /// <param name="name">One of <see cref="Names"/>, in any case.</param>
    /// <exception cref="ScheduleException">The name is unknown.</exception>
    public static ScheduleInfo Info(string name) =>
        All.FirstOrDefault(info => info.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ScheduleException($"No schedule is called '{name}'.", $"known schedules: {string.Join(", ", Names)}.");

    /// <summary>Calls the generator with this name.</summary>
    /// <param name="name">One of <see cref="Names"/>, in any case.</param>
    /// <param name="ranks">N: the depth of the pipeline; at least 1.</param>
    /// <param name="microbatches">M: microbatches per batch; at least 1, and as <see cref="ScheduleInfo.Microbatches"/>
    /// says.</param>
    /// <param name="chunks">Stages per rank; the schedule's own number by default.</param>
    /// <param name="batches">Batches in the list: more than 1 only for schedules without a flush. Microbatch i of batch t has the
    /// number t * M + i.</param>
    /// <exception cref="ScheduleException">The name is unknown, or the schedule does not exist for these sizes.</exception>
    public static Schedule Create(string name, int ranks, int microbatches, int? chunks = null, int batches = 1)
    {
        var info = Info(name);
        var perRank = chunks ?? info.DefaultChunks;
        info.Require(ranks, microbatches, perRank, batches);
        return info.Generate(ranks, microbatches, perRank, batches);
    }

    /// <summary>Checks the sizes, then has the list of each rank written.</summary>
    private static Schedule PerRank(
        string name, int ranks, int microbatches, Action<int, RankList> write, int? chunks = null, int batches = 1)
    {
        var info = Info(name);
        info.Require(ranks, microbatches, chunks ?? info.DefaultChunks, batches);
        var lists = ImmutableArray.CreateBuilder<ImmutableArray<Action>>(ranks);
        var overlapped = new List<Action>();
        for (var rank = 0; rank < ranks; rank++)
        {
            var list = new RankList(microbatches * batches);
            write(rank, list);
            lists.Add(list.ToImmutable());
            overlapped.AddRange(list.Overlapped);
        }
        return new(name, lists.MoveToImmutable(), overlapped);
    }
}
