using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Optim;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>A model in training over pipeline stages: its steps, its held-out loss, its checkpoints.</summary>
internal sealed class TrainingRun : IDisposable
{
    /// <summary>What options were before there was a choice: checkpoints from then do not say.</summary>
    private static readonly Dictionary<string, string> Before = new()
    {
        ["optimizer"] = Optimizers.Standard,
        [TrainOptions.TieKey] = "false",
        [TrainOptions.PrecisionKey] = Precision.Float32.Name,
    };

    private readonly TrainOptions _options;
    private readonly SortedDictionary<string, string> _configuration;
    private readonly IBackend[] _ranks, _backends;
    private readonly Gpt _model;
    private readonly int[] _starts;
    private readonly IStepper _stepper;
    private readonly BatchSampler _batches;
    private readonly HeldOutLoss _heldOut;

    /// <summary>Builds model, stages and optimizers; the options must have been checked.</summary>
    /// <param name="options">What and how to train.</param>
    /// <param name="data">The text.</param>
    /// <param name="timesActions">Whether timelines show when work ran also on devices that are told of it before.</param>
    public TrainingRun(TrainOptions options, TrainingData data, bool timesActions = false)
    {
        _options = options;
        _configuration = options.Configuration(data.Digest);
        _batches = new BatchSampler(data.Split.Training, options.Batch, options.Seq, options.Seed);
        _model = new Gpt(options.Sizes);
        Schedule schedule = options.CreateSchedule();
        _starts = LayerSplit.Balance(LayerCosts.Of(options.Sizes), schedule.Stages);
        _ranks = Backends.CreateRanks(options.Backend, options.Device, schedule.Ranks, r => Backends.Create(options.Backend,
            StageCores.Threads(options.Threads, r, schedule.Ranks),
            options.Pin ? StageCores.Of(options.Threads, r, schedule.Ranks) : null));
        _backends = [.. Enumerable.Range(0, schedule.Stages).Select(s => _ranks[schedule.RankOf(s)])];
        _model.AssignNames();
        for (int layer = 0; layer < _model.Layers.Count; layer++)
            foreach (Parameter parameter in _model.Layers[layer].Parameters())
                if (!parameter.IsInitialized) parameter.Initialize(_backends[StageOf(layer)], options.Seed);
        LearningRate rate = LearningRate.Cosine(
            options.LearningRate, options.WarmupSteps, options.Steps, options.LearningRate / 10);
        Rate = rate;
        PipelineOptions pipeline = new()
        {
            Loss = (logits, targets) => logits.CrossEntropy(targets),
            Optimizer = parameters => Optimizers.Create(options.Optimizer, parameters, rate),
            Seed = options.Seed,
            ClipNorm = options.Clip > 0 ? options.Clip : null,
            DetectAnomaly = options.DetectAnomaly,
            TimesActions = timesActions,
        };
        Schedule = AscendingWeights.Apply(schedule);
        Listed = schedule;
        _stepper = options.Policy is { } policy
            ? new ContinuousSteps(new ContinuousRunner(_model.Layers, _starts, _backends, policy, options.Microbatches, pipeline,
                TwoStageText.Parse(options.TwoStage)))
            : new FlushedSteps(new PipelineRunner(_model.Layers, _starts, _backends, schedule, pipeline));
        _heldOut = new HeldOutLoss(_model, _starts, _backends, data.Split.HeldOut);
        PeakBytes = new long[schedule.Ranks];
    }

    /// <summary>The device of all ranks; null on the CPU.</summary>
    public KernelDevice? Device => (_ranks[0] as IDeviceBackend)?.Device;

    /// <summary>Steps taken.</summary>
    public int StepCount => _stepper.StepCount;

    /// <summary>The learning rate as a function of the step.</summary>
    public LearningRate Rate { get; }

    /// <summary>Who does what when in a step, or in the only one of a pipeline that is empty before and after.</summary>
    public Schedule Schedule { get; }

    /// <summary>The schedule as it was asked for: <see cref="Schedule"/> holds back W that stand before their turn.</summary>
    public Schedule Listed { get; }

    /// <summary>Who does what when from one empty pipeline to the next.</summary>
    public Schedule ScheduleOver(int steps) => steps == 1 || _options.Policy is null ? Schedule : _options.CreateSchedule(steps);

    /// <summary>The most bytes each rank's backend had lent during steps.</summary>
    public long[] PeakBytes { get; }

    /// <summary>The first layer of each stage.</summary>
    public IReadOnlyList<int> StageStarts => _starts;

    /// <summary>The number of parameter elements.</summary>
    public long ParameterCount => _model.ParameterCount;

    /// <summary>What each stage holds for the first microbatch of a step, and its parameters with gradients and two moments;
    /// known once a step has run.</summary>
    public IEnumerable<StageMemory> Memory => _stepper.Stages.Select(stage =>
    {
        StageBytes bytes = stage.DeclaredBytes(0);
        return new StageMemory(bytes.Forwarded, bytes.InputsDone, ParameterBytes(stage));
    });

    /// <summary>A timeline of this run that knows the bytes of parameters, gradients and two moments on each rank.</summary>
    public Timeline WithParameters(Timeline timeline) => new(timeline.Name, timeline.Ranks, timeline.Events, timeline.Unit)
    {
        ParameterBytes = [.. Enumerable.Range(0, timeline.Ranks).Select(rank =>
            _stepper.Stages.Where(stage => Schedule.RankOf(stage.Index) == rank).Sum(ParameterBytes))],
    };

    private static long ParameterBytes(PipelineStage stage) => 4 * stage.Parameters.Sum(p => p.Data.View.Bytes);

    /// <summary>Equal for runs whose parameters are equal, bit for bit.</summary>
    public string Hash => ParameterHash.Of(_stepper.Parameters);

    /// <summary>The step after which the pipeline is to run empty next: for a measurement, a checkpoint or the end. With stashed
    /// weights that shows in the bits, so it is for measurements alone, whatever the rest.</summary>
    public int NextEmpty(int last, int evaluateEvery, int saveEvery)
    {
        int Multiple(int every) => (StepCount / every + 1) * every;
        return _options.Policy == WeightPolicy.Stashed
            ? Math.Min(_options.Steps, Multiple(_options.EvaluateEvery))
            : Math.Min(last, Math.Min(Multiple(evaluateEvery), Multiple(saveEvery)));
    }

    /// <summary>Takes one step on the batch that belongs to it, and more where the schedule has no flush.</summary>
    /// <param name="until">The step to reach at most.</param>
    /// <param name="each">Told of each step, on any thread.</param>
    /// <param name="cancellation">Ends a stretch of several steps early, where that leaves no trace in the bits.</param>
    /// <exception cref="AnomalyException">NaN or infinity: names the step, and the op when anomalies are looked for.</exception>
    public Stretch Advance(int until, Action<StepLoss> each, CancellationToken cancellation)
    {
        foreach (IBackend backend in _ranks) backend.Memory.ResetPeak();
        int first = StepCount;
        Stretch stretch;
        try
        {
            stretch = _stepper.Run(until, BatchOf, each, cancellation);
        }
        catch (PipelineException error) when (error.InnerException is AnomalyException)
        {
            throw new AnomalyException($"Step {first + StepOf(error.Action)}: {error.Message}");
        }
        for (int r = 0; r < PeakBytes.Length; r++) PeakBytes[r] = Math.Max(PeakBytes[r], _ranks[r].Memory.PeakBytes);
        return stretch;
    }

    /// <summary>The mean loss on text never trained on; NaN when cancelled.</summary>
    public double HeldOut(CancellationToken cancellation = default) => _heldOut.Measure(cancellation);

    /// <summary>Writes a checkpoint with the course of the run, whole or not at all.</summary>
    public void Save(string path, LossHistory history) =>
        Checkpoint.Save(path, _stepper.Saved, StageOptimizers, new CheckpointState(StepCount, _options.Seed, _configuration)
        {
            Records = history.ToRecords(),
        });

    /// <summary>Goes on from a checkpoint, and returns what it says besides its tensors.</summary>
    /// <exception cref="UsageException">It was written by a run with other options: names the first that differs.</exception>
    /// <exception cref="CheckpointException">It cannot be read, or does not fit.</exception>
    public CheckpointState Resume(string path)
    {
        IReadOnlyDictionary<string, string> saved = Checkpoint.ReadState(path).Configuration;
        RequireSameOptions(path, saved, _configuration);
        UpdateTiming.RequireSame(path, saved, _options);
        CheckpointState state = Checkpoint.Load(path, _stepper.Saved, StageOptimizers);
        _stepper.StepCount = state.Step;
        return state;
    }

    /// <summary>Stops the workers and frees all memory.</summary>
    public void Dispose()
    {
        _stepper.Dispose();
        _model.Dispose();
        foreach (IBackend backend in _ranks) backend.Dispose();
    }

    private IReadOnlyList<Optimizer> StageOptimizers => [.. _stepper.Stages.Select(s => s.Optimizer)];

    private TokenMicrobatches BatchOf(int step)
    {
        int[] inputs = new int[_options.Batch * _options.Seq], targets = new int[inputs.Length];
        _batches.Fill(step, inputs, targets);
        return new TokenMicrobatches(inputs, targets, _options.Seq, _options.Microbatches);
    }

    /// <summary>The step that an action is of, from the first that was under way.</summary>
    private int StepOf(Pipeline.Action? action) => _options.Policy is null || action is not { } a ? 0
        : a.Kind == ActionKind.Update ? a.Microbatch
        : a.Microbatch / _options.Microbatches;

    private int StageOf(int layer) => Array.FindLastIndex(_starts, start => start <= layer);

    private static void RequireSameOptions(
        string path, IReadOnlyDictionary<string, string> saved, SortedDictionary<string, string> asked)
    {
        foreach ((string key, string value) in asked)
        {
            if (key == UpdateTiming.Key) continue;
            if ((saved.GetValueOrDefault(key) ?? Before.GetValueOrDefault(key)) is not { } before)
                throw new CheckpointException(
                    path, null, $"does not say its {key}, so it cannot be resumed.", hint: "it was not written by train");
            if (before == value) continue;
            throw key == "data"
                ? new UsageException($"{path} was written by a run on other data (digest {before}; --data now has {value}).",
                    "resume with the files it was started with")
                : new UsageException($"{path} was written with --{key} {before}, and --{key} is now {value}.",
                    $"resume with --{key} {before}, or start a new run in another --out");
        }
    }
}
