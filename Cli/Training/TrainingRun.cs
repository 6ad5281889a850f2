using AutogradCore.Nn;
using AutogradCore.Optim;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>A model in training over pipeline stages: its steps, its held-out loss, its checkpoints.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly TrainOptions _options;
    private readonly SortedDictionary<string, string> _configuration;
    private readonly IBackend[] _ranks, _backends;
    private readonly Gpt _model;
    private readonly int[] _starts;
    private readonly PipelineRunner _runner;
    private readonly BatchSampler _batches;
    private readonly int[] _inputs, _targets;
    private readonly HeldOutLoss _heldOut;

    /// <summary>Builds model, stages and optimizers; the options must have been checked.</summary>
    public TrainingRun(TrainOptions options, TrainingData data)
    {
        _options = options;
        _configuration = options.Configuration(data.Digest);
        _batches = new BatchSampler(data.Split.Training, options.Batch, options.Seq, options.Seed);
        (_inputs, _targets) = (new int[options.Batch * options.Seq], new int[options.Batch * options.Seq]);
        _model = new Gpt(options.Sizes);
        Schedule schedule = options.CreateSchedule();
        _configuration[AccumulationOrder.Key] = AccumulationOrder.Of(schedule);
        _starts = LayerSplit.Balance(LayerCosts.Of(options.Sizes), schedule.Stages);
        _ranks = Backends.CreateRanks(options.Backend, options.Device, schedule.Ranks, r => Backends.Create(options.Backend,
            StageCores.Threads(options.Threads, r, schedule.Ranks),
            options.Pin ? StageCores.Of(options.Threads, r, schedule.Ranks) : null));
        _backends = [.. Enumerable.Range(0, schedule.Stages).Select(s => _ranks[schedule.RankOf(s)])];
        _model.AssignNames();
        for (int layer = 0; layer < _model.Layers.Count; layer++)
            foreach (Parameter parameter in _model.Layers[layer].Parameters())
                parameter.Initialize(_backends[StageOf(layer)], options.Seed);
        LearningRate rate = LearningRate.Cosine(
            options.LearningRate, options.WarmupSteps, options.Steps, options.LearningRate / 10);
        Rate = rate;
        _runner = new PipelineRunner(_model.Layers, _starts, _backends, schedule, new PipelineOptions
        {
            Loss = (logits, targets) => logits.CrossEntropy(targets),
            Optimizer = parameters => new AdamW(parameters, rate, beta2: 0.99),
            Seed = options.Seed,
            ClipNorm = options.Clip > 0 ? options.Clip : null,
            DetectAnomaly = options.DetectAnomaly,
        });
        _heldOut = new HeldOutLoss(_model, _starts, _backends, data.Split.HeldOut);
        PeakBytes = new long[schedule.Ranks];
    }

    /// <summary>Steps taken.</summary>
    public int StepCount => _runner.StepCount;

    /// <summary>The learning rate as a function of the step.</summary>
    public LearningRate Rate { get; }

    /// <summary>Who does what when.</summary>
    public Schedule Schedule => _runner.Schedule;

    /// <summary>The most bytes each rank's backend had lent during a step.</summary>
    public long[] PeakBytes { get; }

    /// <summary>The first layer of each stage.</summary>
    public IReadOnlyList<int> StageStarts => _starts;

    /// <summary>The number of parameter elements.</summary>
    public long ParameterCount => _model.ParameterCount;

    /// <summary>What each stage holds for the first microbatch of a step, and its parameters with gradients and two moments;
    /// known once a step has run.</summary>
    public IEnumerable<StageMemory> Memory => _runner.Stages.Select(stage =>
    {
        StageBytes bytes = stage.DeclaredBytes(0);
        return new StageMemory(bytes.Forwarded, bytes.InputsDone, 4 * stage.Parameters.Sum(p => p.Data.View.Bytes));
    });

    /// <summary>Equal for runs whose parameters are equal, bit for bit.</summary>
    public string Hash => ParameterHash.Of(_runner.Parameters);

    /// <summary>Takes one step on the batch that belongs to it.</summary>
    /// <exception cref="AnomalyException">NaN or infinity: names the step, and the op when anomalies are looked for.</exception>
    public StepResult Step()
    {
        foreach (IBackend backend in _ranks) backend.Memory.ResetPeak();
        _batches.Fill(StepCount, _inputs, _targets);
        StepResult result;
        try
        {
            result = _runner.Step(new TokenMicrobatches(_inputs, _targets, _options.Seq, _options.Microbatches));
        }
        catch (PipelineException error) when (error.InnerException is AnomalyException)
        {
            throw new AnomalyException($"Step {StepCount}: {error.Message}");
        }
        for (int r = 0; r < PeakBytes.Length; r++) PeakBytes[r] = Math.Max(PeakBytes[r], _ranks[r].Memory.PeakBytes);
        return result;
    }

    /// <summary>The mean loss on text never trained on.</summary>
    public double HeldOut() => _heldOut.Measure();

    /// <summary>Writes a checkpoint, whole or not at all.</summary>
    public void Save(string path) =>
        Checkpoint.Save(path, _runner.Parameters, Optimizers, new CheckpointState(StepCount, _options.Seed, _configuration));

    /// <summary>Goes on from a checkpoint.</summary>
    /// <exception cref="UsageException">It was written by a run with other options: names the first that differs.</exception>
    /// <exception cref="CheckpointException">It cannot be read, or does not fit.</exception>
    public void Resume(string path)
    {
        IReadOnlyDictionary<string, string> saved = Checkpoint.ReadState(path).Configuration;
        RequireSameOptions(path, saved, _configuration);
        AccumulationOrder.RequireSame(path, saved, Schedule);
        Checkpoint.Load(path, _runner.Parameters, Optimizers);
    }

    /// <summary>Stops the workers and frees all memory.</summary>
    public void Dispose()
    {
        _runner.Dispose();
        _model.Dispose();
        foreach (IBackend backend in _ranks) backend.Dispose();
    }

    private IReadOnlyList<Optimizer> Optimizers => [.. _runner.Stages.Select(s => s.Optimizer)];

    private int StageOf(int layer) => Array.FindLastIndex(_starts, start => start <= layer);

    private static void RequireSameOptions(
        string path, IReadOnlyDictionary<string, string> saved, SortedDictionary<string, string> asked)
    {
        foreach ((string key, string value) in asked)
        {
            if (key == AccumulationOrder.Key) continue;
            if (!saved.TryGetValue(key, out string? before))
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
