using System.Diagnostics;
using AutogradCore.Optim;

namespace AutogradCore.Pipeline;

/// <summary>
/// Trains a model cut into stages by any valid flush schedule, with one worker thread per rank. The parameters after each step
/// are the bits that one device would have which accumulates over the microbatches in ascending order.
/// </summary>
/// <remarks>
/// A stage's gradients accumulate by microbatch, whatever the order of W (or B) in the schedule: a W before its turn is held back
/// until then, with what its rules read. <see cref="PipelineOptions.AccumulatesAsListed"/> keeps the order of the schedule. A
/// parameter that several layers share accumulates for each of them apart, and the sums are added in the order of the layers,
/// whatever the number of stages: the bits of one device with a replica for each use, not of one graph that records both uses of
/// one parameter. One step at a time. A step that fails stops all ranks, updates nothing, holds no activations, and names the
/// action.
/// </remarks>
public sealed class PipelineRunner : IDisposable
{
    private readonly PipelineOptions _options;
    private readonly PipelineStage[] _stages;
    private readonly SharedWeights _shared;
    private readonly RankWorker[] _workers;
    private readonly RankThreads _threads;
    private readonly ITransport _transport;
    private readonly bool _ownsTransport;
    private readonly OneAtATime _turns = new("A step of this runner is under way.", "run one step at a time");
    private bool _disposed;

    /// <summary>A runner of <paramref name="layers"/>, which must be initialised: stage s computes on <c>backends[s]</c>, where
    /// its parameters live.</summary>
    /// <param name="layers">The model's layers in order, each from one value to one value.</param>
    /// <param name="starts">The first layer of each stage, as <see cref="Nn.LayerSplit.Balance"/> finds them.</param>
    /// <param name="backends">A backend for each stage, owned by the caller; stages of one rank may share one.</param>
    /// <param name="schedule">Who does what when; must be valid and have as many stages.</param>
    /// <param name="options">Loss, optimizer, clipping.</param>
    /// <param name="transport">Moves activations; within the process when left out.</param>
    /// <exception cref="PipelineException">The parts do not fit together.</exception>
    /// <exception cref="ScheduleException">The schedule is not valid.</exception>
    public PipelineRunner(IReadOnlyList<Module> layers, ReadOnlySpan<int> starts, IReadOnlyList<IBackend> backends,
        Schedule schedule, PipelineOptions options, ITransport? transport = null)
    {
        ScheduleValidator.Check(schedule);
        RunnerChecks.RequireSplit(schedule, starts, layers.Count, backends.Count);
        RunnerChecks.RequireClipNorm(options.ClipNorm);
        RunnerChecks.RequireFlush(schedule);
        RunnerChecks.RequireOwnBackends(schedule, backends);
        _options = options;
        Schedule = schedule = options.AccumulatesAsListed ? schedule : AscendingWeights.Apply(schedule);
        int[] stageOf = StageCut.StagesOf(starts, layers.Count);
        _shared = new SharedWeights(layers, stageOf);
        _stages = StageCut.Make(layers, stageOf, _shared, backends, options);
        _shared.Realize(backends);
        Parameters = [.. _stages.SelectMany(s => s.Parameters)];
        (_transport, _ownsTransport) = (transport ?? new InProcessTransport(backends), transport is null);
        _workers = [.. Enumerable.Range(0, schedule.Ranks).Select(r => new RankWorker(r, schedule, _stages, options))];
        _threads = new RankThreads(schedule.Ranks);
    }

    /// <summary>Who does what when: the schedule given, with W that stood before their turn held back.</summary>
    public Schedule Schedule { get; }

    /// <summary>The stages, in order.</summary>
    public IReadOnlyList<PipelineStage> Stages => _stages;

    /// <summary>All parameters, in the order of the layers.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Steps taken; settable to resume.</summary>
    public int StepCount
    {
        get => Stages[0].Optimizer.StepCount;
        set
        {
            foreach (PipelineStage stage in Stages) stage.Optimizer.StepCount = value;
        }
    }

    /// <summary>Runs one step: the schedule over all microbatches, clipping, and the update.</summary>
    /// <exception cref="PipelineException">An action failed and nothing was updated; or, as the message then says, an update
    /// did.</exception>
    /// <exception cref="AnomalyException">The loss or the gradient norm is NaN or infinite; nothing was updated.</exception>
    /// <exception cref="OperationCanceledException">The step was given up; nothing was updated.</exception>
    /// <exception cref="ObjectDisposedException">The runner is disposed.</exception>
    public StepResult Step(IMicrobatches data, CancellationToken cancellation = default)
    {
        using OneAtATime.Turn turn = _turns.Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (data.Count != Schedule.Microbatches)
            throw new PipelineException(
                $"The schedule is for {Schedule.Microbatches} microbatches, the data has {data.Count}.");
        return RunStep(data, cancellation);
    }

    /// <summary>Stops the workers and frees graphs and optimizer state; layers and backends stay.</summary>
    /// <exception cref="PipelineException">A step is under way.</exception>
    public void Dispose()
    {
        using OneAtATime.Turn turn = _turns.Enter();
        if (_disposed) return;
        _disposed = true;
        _threads.Dispose();
        foreach (PipelineStage stage in Stages) stage.Dispose();
        _shared.Dispose();
        if (_ownsTransport) _transport.Dispose();
    }

    private StepResult RunStep(IMicrobatches data, CancellationToken cancellation)
    {
        int number = StepCount;
        long started = Stopwatch.GetTimestamp();
        for (int s = 0; s < _stages.Length; s++) _stages[s].Begin(_stages.AsSpan(0, s));
        _shared.Begin();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        StepRun run = new(data, new RandomState(_options.Seed, number), _transport, _options, stop.Token);
        try
        {
            if (_shared.AnyStale) UpdateReplicas(stop);
            _threads.Run(rank => _workers[rank].Run(run), stop);
            if (_shared.Any) SumSharedGradients(run, stop);
            double loss = run.Weights!.Loss(run.Losses);
            if (!double.IsFinite(loss))
                throw new AnomalyException($"The loss of step {number} is {loss}.",
                    "lower the learning rate or clip gradients; DetectAnomaly names the op");
            double norm = Update(number, stop);
            Timeline timeline = new(Schedule.Name, Schedule.Ranks, _workers.SelectMany(w => w.Events), TimeUnit.Seconds);
            return new StepResult(number, loss, norm, Stopwatch.GetElapsedTime(started).TotalSeconds, timeline);
        }
        catch
        {
            foreach (PipelineStage stage in Stages) stage.Abandon();
            _transport.Clear();
            throw;
        }
    }

    /// <summary>Clips by the norm summed in parameter order, then updates each stage on its own thread: none before all are
    /// prepared.</summary>
    private double Update(int step, CancellationTokenSource stop)
    {
        double norm = double.NaN, scale = 1;
        if (_options.ClipNorm is { } maximum)
        {
            double[][] squares = new double[Stages.Count][];
            OnStages(stage => squares[stage.Index] = GradientNorm.Squares(stage.Parameters), stop);
            norm = GradientNorm.Of([.. squares.SelectMany(s => s)]);
            scale = GradientNorm.Clip(norm, maximum);
        }
        OnStages(stage => stage.Optimizer.Prepare(), stop);
        try
        {
            OnStages(stage => stage.Optimizer.Step(scale, requireGradient: false), stop);
        }
        catch (Exception e)
        {
            StepCount = step;
            throw new PipelineException($"The update of step {step} failed, and some parameters may have got theirs: {e.Message}",
                "go back to a checkpoint", e);
        }
        return norm;
    }

    private void UpdateReplicas(CancellationTokenSource stop)
    {
        OnStages(stage => _shared.SendValues(stage, _transport), stop);
        OnStages(stage => _shared.ReceiveValues(stage, _transport, stop.Token), stop);
    }

    private void SumSharedGradients(StepRun run, CancellationTokenSource stop)
    {
        OnStages(stage => _shared.SendGradients(stage, _transport), stop);
        _threads.Run(rank => _workers[rank].SumShared(_shared, run), stop);
    }

    private void OnStages(Action<PipelineStage> work, CancellationTokenSource stop) => _threads.Run(rank =>
    {
        foreach (PipelineStage stage in Stages)
            if (Schedule.RankOf(stage.Index) == rank) work(stage);
    }, stop);
}
