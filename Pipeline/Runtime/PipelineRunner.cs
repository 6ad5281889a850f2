using System.Diagnostics;
using AutogradCore.Optim;

namespace AutogradCore.Pipeline;

/// <summary>
/// Trains a model cut into stages by any valid flush schedule, with one worker thread per rank. The parameters after each step
/// are the bits that one device would have which accumulates over the microbatches in the order of the schedule.
/// </summary>
/// <remarks>
/// A stage's gradients accumulate in the order in which the schedule lists its W (or B). The built-in schedules list them
/// ascending, which gives the bits of one device going through the microbatches in ascending order; a schedule of one's own
/// gives those of its order. One step at a time. A step that fails stops all ranks, updates nothing, holds no activations, and
/// names the action.
/// </remarks>
public sealed class PipelineRunner : IDisposable
{
    private readonly PipelineOptions _options;
    private readonly RankWorker[] _workers;
    private readonly RankThreads _threads;
    private readonly ITransport _transport;
    private readonly bool _ownsTransport;
    private int _busy;
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
        if (schedule.Stages != starts.Length || backends.Count != starts.Length)
            throw new PipelineException(
                $"The schedule has {schedule.Stages} stages, the split {starts.Length}, and there are {backends.Count} backends.",
                "generate the schedule for the number of stages of the split");
        RequireSplit(starts, layers.Count);
        RequireClipNorm(options.ClipNorm);
        ScheduleValidator.Check(schedule);
        _options = options;
        Schedule = schedule;
        PipelineStage[] stages = new PipelineStage[starts.Length];
        for (int s = 0; s < stages.Length; s++)
        {
            int end = s + 1 < starts.Length ? starts[s + 1] : layers.Count;
            Module[] own = [.. layers.Skip(starts[s]).Take(end - starts[s])];
            RequirePlacement(own, backends[s], s);
            Func<Value, Value, Value>? loss = s == stages.Length - 1 ? options.Loss : null;
            stages[s] = new PipelineStage(s, own, backends[s], loss, options.Optimizer) { DetectAnomaly = options.DetectAnomaly };
        }
        RequireNoSharing(stages);
        RequireOwnBackends(schedule, backends);
        Stages = stages;
        Parameters = [.. stages.SelectMany(s => s.Parameters)];
        (_transport, _ownsTransport) = (transport ?? new InProcessTransport(), transport is null);
        _workers = [.. Enumerable.Range(0, schedule.Ranks).Select(r => new RankWorker(r, schedule, stages))];
        _threads = new RankThreads(schedule.Ranks);
    }

    /// <summary>Who does what when.</summary>
    public Schedule Schedule { get; }

    /// <summary>The stages, in order.</summary>
    public IReadOnlyList<PipelineStage> Stages { get; }

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
        Enter();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (data.Count != Schedule.Microbatches)
                throw new PipelineException(
                    $"The schedule is for {Schedule.Microbatches} microbatches, the data has {data.Count}.");
            return RunStep(data, cancellation);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Stops the workers and frees graphs and optimizer state; layers and backends stay.</summary>
    /// <exception cref="PipelineException">A step is under way.</exception>
    public void Dispose()
    {
        Enter();
        try
        {
            if (_disposed) return;
            _disposed = true;
            _threads.Dispose();
            foreach (PipelineStage stage in Stages) stage.Dispose();
            if (_ownsTransport) _transport.Dispose();
        }
        finally
        {
            Leave();
        }
    }

    private StepResult RunStep(IMicrobatches data, CancellationToken cancellation)
    {
        int number = StepCount;
        long started = Stopwatch.GetTimestamp();
        foreach (PipelineStage stage in Stages) stage.Optimizer.ZeroGradient();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        StepRun run = new(data, new RandomState(_options.Seed, number), _transport, _options.FuseWeights, stop.Token);
        try
        {
            _threads.Run(rank => _workers[rank].Run(run), stop);
            double loss = run.Losses.Sum() / run.Losses.Length;
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

    /// <summary>Refuses a second caller, also one inside a step, where waiting for the first would never end.</summary>
    private void Enter()
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0)
            throw new PipelineException("A step of this runner is under way.", "run one step at a time");
    }

    private void Leave() => Volatile.Write(ref _busy, 0);

    private void OnStages(Action<PipelineStage> work, CancellationTokenSource stop) => _threads.Run(rank =>
    {
        foreach (PipelineStage stage in Stages)
            if (Schedule.RankOf(stage.Index) == rank) work(stage);
    }, stop);

    internal static void RequireSplit(ReadOnlySpan<int> starts, int layers)
    {
        for (int s = 0; s < starts.Length; s++)
            if (s == 0 ? starts[0] != 0 : starts[s] <= starts[s - 1] || starts[s] >= layers)
                throw new PipelineException(
                    $"Stages that start at layers {string.Join(", ", starts.ToArray())} of {layers} are no split.",
                    "starts ascend from 0");
    }

    internal static void RequireClipNorm(double? clipNorm)
    {
        if (clipNorm is { } norm && !(norm > 0 && double.IsFinite(norm)))
            throw new PipelineException($"A ClipNorm of {norm}.", "use a positive, finite norm, or null for no clipping");
    }

    private static void RequireOwnBackends(Schedule schedule, IReadOnlyList<IBackend> backends)
    {
        Dictionary<IBackend, int> owners = new(ReferenceEqualityComparer.Instance);
        for (int s = 0; s < backends.Count; s++)
            if (!owners.TryAdd(backends[s], s) && schedule.RankOf(owners[backends[s]]) != schedule.RankOf(s))
                throw new PipelineException(
                    $"Stages {owners[backends[s]]} and {s} share a '{backends[s].Name}' backend, but run on different ranks.",
                    "give each rank a backend of its own");
    }

    internal static void RequirePlacement(Module[] layers, IBackend backend, int stage)
    {
        foreach (Parameter parameter in layers.SelectMany(l => l.Parameters()))
            if (parameter.Data.Backend != backend)
                throw new PipelineException(
                    $"Parameter '{parameter.Name}' of stage {stage} lives on another backend than the stage.",
                    "initialise each stage's layers on that stage's backend");
    }

    private static void RequireNoSharing(PipelineStage[] stages)
    {
        Dictionary<Parameter, int> owners = [];
        foreach (PipelineStage stage in stages)
            foreach (Parameter parameter in stage.Parameters)
                if (!owners.TryAdd(parameter, stage.Index))
                    throw new PipelineException(
                        $"Stages {owners[parameter]} and {stage.Index} share parameter '{parameter.Name}'.",
                        "keep layers with tied weights in one stage");
    }
}
