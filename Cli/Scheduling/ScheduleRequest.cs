using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>Which schedule a command means: a name with sizes or a file, what is done to it, and its costs.</summary>
internal sealed record ScheduleRequest
{
    private const long MostCells = 1 << 25;

    public string Schedule { get; init; } = "1f1b";
    public int? Stages { get; init; }
    public int? Microbatches { get; init; }
    public int? Chunks { get; init; }
    public int? Batches { get; init; }
    public string TwoStage { get; init; } = "off";
    public string? MemoryCap { get; init; }
    public string Costs { get; init; } = "1,1,1";
    public double? Comm { get; init; }
    public bool Rendezvous { get; init; }

    /// <summary>What the costs are the costs of.</summary>
    public CostSource CostSource => CostText.SourceOf(Costs);

    /// <summary>The schedule as the generator or the file gives it; a file's may be illegal.</summary>
    /// <exception cref="AutogradException">Unknown name, bad sizes, or a file that cannot be read.</exception>
    public Schedule Load()
    {
        if (ScheduleFile.IsMeant(Schedule)) return Agreeing(ScheduleFile.Read(Schedule));
        ScheduleInfo info = Schedules.Info(Schedule);
        int ranks = Stages ?? 4;
        int microbatches = Microbatches ?? (info.SingleMicrobatch ? 1 : (int)Math.Min(2L * ranks, int.MaxValue));
        double cells = (double)ranks * microbatches * (Chunks ?? info.DefaultChunks) * (Batches ?? 1);
        if (cells > MostCells)
            throw new UsageException(
                $"{ranks} ranks and {microbatches} microbatches make {cells:0} cells; the most is {MostCells}.",
                "use fewer stages or microbatches");
        return Schedules.Create(Schedule, ranks, microbatches, Chunks, Batches ?? 1);
    }

    /// <summary>The schedule as it is given, checked.</summary>
    /// <exception cref="AutogradException">As for <see cref="Load"/>; an illegal schedule: names the file.</exception>
    public Schedule LoadLegal()
    {
        Schedule schedule = Load();
        try
        {
            ScheduleValidator.Check(schedule);
        }
        catch (ScheduleException error) when (ScheduleFile.IsMeant(Schedule))
        {
            string problem = error.Message.Replace($"{Environment.NewLine}Hint: {error.Hint}", "", StringComparison.Ordinal);
            throw new ScheduleFileException($"{Schedule}: {problem}", error.Hint, error);
        }
        return schedule;
    }

    /// <summary>The schedule with its weight gradients placed.</summary>
    /// <exception cref="AutogradException">As for <see cref="Load"/>; an illegal schedule, or a cap without room.</exception>
    public Schedule Create()
    {
        TwoStage policy = TwoStageText.Parse(TwoStage);
        if (MemoryCap is not null && policy != Pipeline.TwoStage.Fill)
            throw new UsageException($"--memory-cap is for --two-stage fill, and --two-stage is {TwoStage}.",
                "use --two-stage fill, or leave the cap out");
        Schedule schedule = LoadLegal();
        (MemoryCap cap, StageCosts costs) = CapOn(schedule);
        return policy == Pipeline.TwoStage.Off ? schedule : SplitBackward.Apply(schedule, policy, costs, memoryCap: cap);
    }

    /// <summary>The costs of a schedule's stages.</summary>
    /// <exception cref="AutogradException">Not in the form, or for other stages.</exception>
    public StageCosts CostsOf(Schedule schedule)
    {
        StageCosts costs = CostText.Parse(Costs, Comm, schedule);
        return Rendezvous ? costs with { Transfers = TransferMode.Blocking } : costs;
    }

    /// <summary>The cap on every rank, or none, and the schedule's costs with memory in the cap's unit.</summary>
    /// <exception cref="AutogradException">The cap or the costs are not in their form, or do not fit together.</exception>
    public (MemoryCap Cap, StageCosts Costs) CapOn(Schedule schedule) =>
        MemoryCapText.Parse(MemoryCap, schedule, CostsOf(schedule));

    // A file has its sizes; given ones must be the same, so that a mistaken file is noticed.
    private Schedule Agreeing(Schedule schedule)
    {
        foreach ((string option, int? given, int has) in new[]
            { ("stages", Stages, schedule.Ranks), ("microbatches", Microbatches, schedule.Microbatches) })
            if (given is { } asked && asked != has)
                throw new UsageException(
                    $"--{option} is {asked}, and {Schedule} has {has}{(option == "stages" ? " ranks" : "")}.",
                    $"leave --{option} out");
        if ((Chunks is null ? Batches is null ? null : "batches" : "chunks") is { } generated)
            throw new UsageException(
                $"--{generated} is for built-in schedules, and {Schedule} is a file.", $"leave --{generated} out");
        return schedule;
    }
}
