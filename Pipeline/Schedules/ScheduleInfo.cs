namespace AutogradCore.Pipeline;

/// <summary>What is known about a built-in schedule without generating it.</summary>
/// <remarks>In the texts N is the number of ranks, M of microbatches.</remarks>
public sealed record ScheduleInfo
{
    internal ScheduleInfo(string name, string summary, string source, Generator generate) =>
        (Name, Summary, Source, Generate) = (name, summary, source, generate);

    internal delegate Schedule Generator(int ranks, int microbatches, int chunks, int batches);

    /// <summary>The name by which <see cref="Schedules.Create"/> finds it.</summary>
    public string Name { get; }

    /// <summary>What it does, in one line.</summary>
    public string Summary { get; }

    /// <summary>Where it was published.</summary>
    public string Source { get; }

    /// <summary>Stages per rank, unless chosen otherwise.</summary>
    public int DefaultChunks { get; init; } = 1;

    /// <summary>Whether the number of stages per rank can be chosen.</summary>
    public bool ChoosesChunks { get; init; }

    /// <summary>Whether every step ends with all work done, so that parameters are those of one device. Without a flush the
    /// schedule covers several batches and says when each stage is updated.</summary>
    public bool Flushes { get; init; } = true;

    /// <summary>The fewest microbatches it takes, per rank; 0 when any number will do.</summary>
    public int MicrobatchesPerRank { get; init; }

    /// <summary>True when a batch is one microbatch.</summary>
    public bool SingleMicrobatch { get; init; }

    /// <summary>Which M it takes, in words.</summary>
    public string Microbatches => SingleMicrobatch ? "M = 1" : MicrobatchesPerRank switch
    {
        0 => "M >= 1",
        1 => "M >= N",
        var times => $"M >= {times}N",
    };

    internal Generator Generate { get; }

    /// <summary>Whether the schedule exists for so many microbatches.</summary>
    /// <param name="ranks">N: at least 1.</param>
    /// <param name="microbatches">M.</param>
    public bool Takes(int ranks, int microbatches) =>
        microbatches >= Math.Max(1, (long)MicrobatchesPerRank * ranks) && (microbatches == 1 || !SingleMicrobatch);

    /// <summary>Throws unless the schedule exists for these sizes.</summary>
    internal void Require(int ranks, int microbatches, int chunks, int batches)
    {
        if (ranks < 1)
            throw Refuse($"{ranks} ranks", "at least 1 rank is needed.");
        if (microbatches < 1)
            throw Refuse($"{microbatches} microbatches", "at least 1 microbatch is needed.");
        if (!Takes(ranks, microbatches))
            throw Refuse($"{ranks} ranks and {microbatches} microbatches",
                $"it takes {Microbatches}, where N is the number of ranks.");
        if (ChoosesChunks ? chunks < 1 : chunks != DefaultChunks)
            throw Refuse($"{chunks} stages per rank",
                ChoosesChunks ? "at least 1 is needed." : $"it has exactly {DefaultChunks}.");
        if (Flushes ? batches != 1 : batches < 1)
            throw Refuse($"{batches} batches", Flushes ? "it ends after one; run it again." : "at least 1 batch is needed.");

        ScheduleException Refuse(string sizes, string hint) => new($"Schedule '{Name}' was asked for {sizes}.", hint);
    }
}
