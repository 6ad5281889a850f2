using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>The most that each rank may hold, in the unit of <see cref="StageCosts.Memory"/>: bytes with parameters where
/// <see cref="StageCosts.CountsBytes"/>, else microbatches of single stages.</summary>
/// <remarks>The default value is no cap at all.</remarks>
public readonly record struct MemoryCap
{
    private readonly ImmutableArray<long> _perRank;
    private readonly long? _everywhere;

    private MemoryCap(ImmutableArray<long> perRank, long? everywhere) => (_perRank, _everywhere) = (perRank, everywhere);

    /// <summary>No cap.</summary>
    public static MemoryCap None => default;

    /// <summary>The same cap on every rank.</summary>
    /// <param name="most">At least 1.</param>
    /// <exception cref="ScheduleException">The cap is below 1.</exception>
    public static MemoryCap Everywhere(long most) => new(default, Checked(most));

    /// <summary>A cap for each rank.</summary>
    /// <param name="most">Each at least 1.</param>
    /// <exception cref="ScheduleException">A cap is below 1.</exception>
    public static MemoryCap PerRank(ImmutableArray<long> most) => new([.. most.Select(Checked)], null);

    /// <summary>The cap of one rank; the largest number where there is none.</summary>
    /// <param name="rank">The rank, from 0.</param>
    public long On(int rank) => _perRank.IsDefault ? _everywhere ?? long.MaxValue : _perRank[rank];

    internal void RequireRanks(int ranks)
    {
        if (!_perRank.IsDefault && _perRank.Length != ranks)
            throw new ScheduleException($"{_perRank.Length} memory caps for {ranks} ranks.", "give one cap per rank.");
    }

    private static long Checked(long most) =>
        most >= 1 ? most : throw new ScheduleException($"The memory cap is {most}.", "a rank holds at least 1.");
}
