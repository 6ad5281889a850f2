using System.Diagnostics;

namespace AutogradCore.Pipeline;

/// <summary>
/// Trains a model cut into stages without ever running the pipeline empty between batches: PipeDream-2BW and PipeDream. One
/// worker thread per stage. The parameters are, bit for bit, those of a loop on one device that takes each gradient at the
/// weights that
/// <see cref="WeightPolicy"/> says.
/// </summary>
/// <remarks>
/// A run fills the pipeline, goes through its batches and drains it. With two versions it does not show in the bits where one run
/// ends and the next begins; with stashed weights it does, because a filling pipeline has newer weights. After a run parameters
/// show the newest version. A run that fails or is cancelled stops all stages; with two versions all then stand after the same
/// <see cref="BatchCount"/>, the batches that every stage was through, and training can go on from there.
/// <see cref="PipelineOptions.Opportunistic"/> has no effect here.
/// </remarks>
public sealed partial class ContinuousRunner : IDisposable
{
    private readonly PipelineOptions _options;
    private readonly PipelineStage[] _stages;
    private readonly SharedWeights _shared;
    private readonly StageShares[] _shares;
    private readonly StageUpdates[] _updates;
    private readonly ContinuousWorker[] _workers;
    private readonly RankThreads _threads;
    private readonly ITransport _transport;
    private readonly bool _ownsTransport;
    private readonly OneAtATime _turns = new("A run of this runner is under way.", "one run at a time");
    private bool _disposed;

    /// <summary>A runner of <paramref name="layers"/>, which must be initialised: stage s computes on <c>backends[s]</c>, where
    /// its parameters live.</summary>
    /// <param name="layers">The model's layers in order, each from one value to one value.</param>
    /// <param name="starts">The first layer of each stage, as <see cref="Nn.LayerSplit.Balance"/> finds them.</param>
    /// <param name="backends">A backend for each stage, owned by the caller.</param>
    /// <param name="policy">Which weights a microbatch runs with.</param>
    /// <param name="microbatches">Microbatches in a batch: with two versions at least the number of stages, so that a new version
    /// is there before it is needed; with stashed weights 1.</param>
    /// <param name="options">Loss, optimizer, clipping.</param>
    /// <param name="split">Off: backward whole; Eager: each W right after its I; End: all W of a batch after its last I; Fill:
    /// like End, and while a stage waits for a message it runs W that it owes.</param>
    /// <param name="transport">Moves activations; within the process when left out.</param>
    /// <exception cref="PipelineException">The parts do not fit together.</exception>
    public ContinuousRunner(IReadOnlyList<Module> layers, ReadOnlySpan<int> starts, IReadOnlyList<IBackend> backends,
        WeightPolicy policy, int microbatches, PipelineOptions options, TwoStage split = TwoStage.Off,
        ITransport? transport = null)
    {
        if (backends.Count != starts.Length)
            throw new PipelineException($"The split has {starts.Length} stages, and there are {backends.Count} backends.");
        RequireBatches(policy, microbatches, starts.Length, options.ClipNorm);
        RunnerChecks.RequireSplit(starts, layers.Count);
        RunnerChecks.RequireClipNorm(options.ClipNorm);
        (Policy, Microbatches, Split, _options) = (policy, microbatches, split, options);
        int[] stageOf = StageCut.StagesOf(starts, layers.Count);
        _shared = new SharedWeights(layers, stageOf);
        RequireOneVersion(policy, _shared);
        _stages = StageCut.Make(layers, stageOf, _shared, backends, options);
        Parameters = [.. _stages.SelectMany(s => s.Parameters)];
        RequireOwnBackends(backends);
        (_transport, _ownsTransport) = (transport ?? new InProcessTransport(backends), transport is null);
        _shared.Realize(backends);
        _shares = [.. _stages.Select(s => new StageShares(s, _shared.Uses))];
        int parameters = 0;
        _updates = new StageUpdates[_stages.Length];
        foreach (PipelineStage stage in _stages)
        {
            _updates[stage.Index] = new StageUpdates(
                stage, _shares[stage.Index], policy, microbatches, parameters, options.ClipNorm is not null);
            parameters += stage.Parameters.Count;
        }
        _workers = [.. _stages.Select(s =>
            new ContinuousWorker(s, _updates[s.Index], _shares[s.Index], policy, microbatches, options.TimesActions))];
        _threads = new RankThreads(_stages.Length);
    }

    /// <summary>Which weights a microbatch runs with.</summary>
    public WeightPolicy Policy { get; }

    /// <summary>Microbatches in a batch.</summary>
    public int Microbatches { get; }

    /// <summary>Whether backward is split, and where W goes.</summary>
    public TwoStage Split { get; }

    /// <summary>The stages, in order.</summary>
    public IReadOnlyList<PipelineStage> Stages => _stages;

    /// <summary>All parameters, in the order of the layers.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Told of each batch when the last stage is through it, on that stage's thread.</summary>
    public IProgress<BatchResult>? Progress { get; set; }

    /// <summary>Trains on the batches, which are taken one by one as the pipeline comes to them, on a worker's thread: a source
    /// may be lazy, and as long as the timeline is wanted.</summary>
    /// <exception cref="PipelineException">An action failed. The message says so if training cannot go on.</exception>
    /// <exception cref="AnomalyException">The loss or the gradient norm of a batch is NaN or infinite; it made no
    /// update.</exception>
    /// <exception cref="OperationCanceledException">The run was given up.</exception>
    /// <exception cref="ObjectDisposedException">The runner is disposed.</exception>
    public ContinuousResult Run(IEnumerable<IMicrobatches> batches, CancellationToken cancellation = default)
    {
        int slots = Policy == WeightPolicy.Stashed ? Stages.Count
            : Split is TwoStage.End or TwoStage.Fill ? 2 * Microbatches
            : Microbatches;
        string name = Policy == WeightPolicy.TwoBuffered ? "pipedream-2bw" : "pipedream";
        return Run(name, batches, (rank, stream) => ContinuousOrder.OneForwardOneBackward(
            rank, Stages.Count, Microbatches, Split, _options.FuseWeights, stream.Has), _ => slots, Split == TwoStage.Fill,
            cancellation);
    }

    /// <summary>Trains on the batches in the order of a schedule: microbatch i of batch t is number t·m + i, and each stage has
    /// a U for each batch. Where W stand, and <see cref="Split"/>, is the schedule's affair; with two versions the bits are the
    /// same.</summary>
    /// <exception cref="ScheduleException">The schedule is not legal.</exception>
    /// <exception cref="PipelineException">The schedule does not fit, would not reach its end, or an action failed.</exception>
    /// <inheritdoc cref="Run(IEnumerable{IMicrobatches}, CancellationToken)"/>
    public ContinuousResult Run(IReadOnlyList<IMicrobatches> batches, Schedule schedule, CancellationToken cancellation = default)
    {
        if (schedule.Stages != Stages.Count || schedule.Microbatches != batches.Count * Microbatches)
            throw new PipelineException($"{schedule}: the runner has {Stages.Count} stages, "
                + $"and {batches.Count} batches of {Microbatches} microbatches were given.");
        if (!_options.AccumulatesAsListed) schedule = AscendingWeights.Apply(schedule);
        ContinuousRules.Check(schedule, Policy, Microbatches, batches.Count, _shared.Uses);
        return Run(schedule.Name, batches, (rank, stream) => stream.Has(batches.Count - 1)
            ? ContinuousOrder.Of(schedule, rank, Microbatches, _options.FuseWeights)
            : [], rank => ContinuousRules.Span(schedule, rank), fills: false, cancellation);
    }

    /// <summary>Stops the workers and frees graphs, older versions and optimizer state; layers with the newest version, and
    /// backends, stay.</summary>
    /// <exception cref="PipelineException">A run is under way.</exception>
    public void Dispose()
    {
        using OneAtATime.Turn turn = _turns.Enter();
        if (_disposed) return;
        _disposed = true;
        _threads.Dispose();
        foreach (StageUpdates updates in _updates) updates.Dispose();
        foreach (PipelineStage stage in Stages) stage.Dispose();
        _shared.Dispose();
        if (_ownsTransport) _transport.Dispose();
    }

    private ContinuousResult Run(string name, IEnumerable<IMicrobatches> batches,
        Func<int, BatchStream, IEnumerable<WorkItem>> order, Func<int, int> slots, bool fills, CancellationToken cancellation)
    {
        using OneAtATime.Turn turn = _turns.Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        RequireWhole();
        using IEnumerator<IMicrobatches> source = batches.GetEnumerator();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        BatchBoard board = new(BatchCount, Microbatches, Stages.Count, Parameters.Count, _options.ClipNorm);
        BatchStream stream = new(source, Microbatches, BatchCount);
        ContinuousRun run = new(stream, board, _transport, _options.Seed, BatchCount, Progress, stop.Token);
        for (int s = 0; s < _stages.Length; s++) _stages[s].Begin(_stages.AsSpan(0, s));
        foreach (StageUpdates updates in _updates) updates.Begin(board);
        try
        {
            if (_shared.Any) ShareVersions(stop);
            _threads.Run(rank => _workers[rank].Run(run, order(rank, stream), slots(rank), fills), stop);
        }
        catch (Exception e)
        {
            GiveUp(board, e, cancellation);
            throw;
        }
        foreach (StageUpdates updates in _updates) updates.End();
        double seconds = Stopwatch.GetElapsedTime(run.Start).TotalSeconds;
        Timeline timeline = new(name, Stages.Count, _workers.SelectMany(w => w.Events), TimeUnit.Seconds);
        return new ContinuousResult(board.Results, seconds, timeline);
    }

    /// <summary>Gives replicas of shared weights the values that their owners have, in all versions.</summary>
    private void ShareVersions(CancellationTokenSource stop)
    {
        _threads.Run(rank => _shares[rank].SendVersions(_updates[rank].Versions, _transport), stop);
        _threads.Run(rank => _shares[rank].ReceiveVersions(_updates[rank].Versions, _transport, stop.Token), stop);
    }

    /// <summary>Brings all stages to the last batch that all are through, where none has lost it.</summary>
    private void GiveUp(BatchBoard board, Exception failure, CancellationToken cancellation)
    {
        foreach (PipelineStage stage in Stages) stage.Abandon();
        _transport.Clear();
        using CancellationTokenSource none = new();
        try
        {
            if (Policy == WeightPolicy.TwoBuffered)
                _threads.Run(rank =>
                {
                    while (!_updates[rank].IsTorn && _updates[rank].Updated < board.Whole) _updates[rank].Update();
                }, none);
        }
        catch (Exception e)
        {
            failure = e; // It left its stage torn, which is said below.
        }
        foreach (StageUpdates updates in _updates) updates.End();
        if (Damage() is not { } damage) return;
        string message = $"{failure.Message}{Environment.NewLine}{damage}";
        if (failure is OperationCanceledException) throw new OperationCanceledException(message, failure, cancellation);
        throw new PipelineException(message, "go back to a checkpoint", failure);
    }

    private static void RequireBatches(WeightPolicy policy, int microbatches, int stages, double? clipNorm)
    {
        if (policy == WeightPolicy.TwoBuffered && microbatches < stages)
            throw new PipelineException(
                $"Batches of {microbatches} microbatches on {stages} stages: two weight versions are not enough.",
                "PipeDream-2BW needs at least as many microbatches in a batch as stages");
        if (policy == WeightPolicy.Stashed && microbatches != 1)
            throw new PipelineException($"Batches of {microbatches} microbatches: PipeDream updates after each.",
                "use batches of 1 microbatch, or two versions");
        if (policy == WeightPolicy.Stashed && clipNorm is not null)
            throw new PipelineException(
                "ClipNorm with stashed weights: stages update at different times, so there is no global norm.",
                "use two versions, or no clipping");
    }

    /// <summary>With stashed weights, stages apart are at different versions, and so would be the uses of a weight that they
    /// share: whose the optimizer's state follows, and which one a gradient belongs to, nobody has defined.</summary>
    private static void RequireOneVersion(WeightPolicy policy, SharedWeights shared)
    {
        if (policy != WeightPolicy.Stashed || shared.Uses.FirstOrDefault(u => u.Stage != u.Home) is not { } use) return;
        throw new PipelineException($"Stages {use.Home} and {use.Stage} share '{use.Owner.Name}', and with stashed weights "
            + "each updates after every microbatch on its own: the uses would be of different weights.",
            "use two versions or a schedule that flushes; or put the layers that share it into one stage");
    }

    private static void RequireOwnBackends(IReadOnlyList<IBackend> backends)
    {
        for (int s = 0; s < backends.Count; s++)
            for (int t = 0; t < s; t++)
                if (backends[s] == backends[t])
                    throw new PipelineException($"Stages {t} and {s} share a '{backends[s].Name}' backend.",
                        "give each stage a backend of its own");
    }
}
