using System.Globalization;
using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>What <c>train</c> was asked to do.</summary>
internal sealed record TrainOptions
{
    public IReadOnlyList<string> Data { get; init; } = [];
    public string Model { get; init; } = "gpt-nano";
    public bool TieEmbeddings { get; init; }
    public string Precision { get; init; } = Nn.Precision.Float32.Name;
    public int Stages { get; init; } = 2;
    public int Microbatches { get; init; } = 4;
    public int? Chunks { get; init; }
    public string Schedule { get; init; } = "1f1b";
    public string TwoStage { get; init; } = "fill";
    public int Steps { get; init; } = 200;
    public int Batch { get; init; } = 16;
    public int Seq { get; init; } = 128;
    public double LearningRate { get; init; } = 1e-3;
    public int? Warmup { get; init; }
    public double Clip { get; init; } = 1;
    public string Optimizer { get; init; } = Optimizers.Standard;
    public ulong Seed { get; init; } = 1;
    public string Backend { get; init; } = "host";
    public string? Device { get; init; }
    public int Threads { get; init; } = Environment.ProcessorCount;
    public bool Pin { get; init; }
    public bool DetectAnomaly { get; init; }

    /// <summary>The configuration's name for <see cref="TieEmbeddings"/>.</summary>
    public const string TieKey = "tie-embeddings";

    /// <summary>The configuration's name for <see cref="Precision"/>.</summary>
    public const string PrecisionKey = "precision";

    /// <summary>What commands say of <see cref="Precision"/>.</summary>
    public static string PrecisionHelp { get; } =
        $"{string.Join(" or ", Nn.Precision.Names)}: weights and activations rounded to bf16, sums and parameters in floats.";

    /// <summary>Steps over which the learning rate rises.</summary>
    public int WarmupSteps => Warmup ?? Math.Min(100, Steps / 10);

    /// <summary>The share of the data that is never trained on.</summary>
    public static double HeldOut => 0.1;

    /// <summary>Steps between measurements of the held-out loss; pipedream runs its pipeline empty there and nowhere
    /// else.</summary>
    public int EvaluateEvery => Math.Clamp(Steps / 10, 1, 100);

    /// <summary>At which weights a schedule without a flush takes its gradients; null with a flush.</summary>
    public WeightPolicy? Policy =>
        ScheduleFile.IsMeant(Schedule) || Pipeline.Schedules.Info(Schedule) is not { Flushes: false } info ? null
        : info.SingleMicrobatch ? WeightPolicy.Stashed
        : WeightPolicy.TwoBuffered;

    /// <summary>The model's sizes.</summary>
    public GptConfig Sizes => GptConfig.Named(Model, Seq) with
    {
        TieEmbeddings = TieEmbeddings,
        Precision = Nn.Precision.Named(Precision),
    };

    /// <summary>The schedule with its weight gradients placed.</summary>
    /// <param name="steps">Steps in the list, where the schedule has no flush.</param>
    public Schedule CreateSchedule(int steps = 1) => new ScheduleRequest
    {
        Schedule = Schedule,
        Stages = Stages,
        Microbatches = Microbatches,
        Chunks = Chunks,
        Batches = Policy is null ? null : steps,
        TwoStage = TwoStage,
    }.Create();

    /// <summary>Where weight gradients go unless chosen: where the schedule itself has them, or else where ranks wait, which
    /// they hardly do without a flush.</summary>
    /// <exception cref="ScheduleException">The name is unknown.</exception>
    public static string StandardTwoStage(string schedule) =>
        ScheduleFile.IsMeant(schedule) || Pipeline.Schedules.Info(schedule) is { SplitsItself: true } or { Flushes: false }
            ? "off"
            : "fill";

    /// <summary>Refuses options that do not fit together.</summary>
    /// <exception cref="AutogradException">Names the option and the values that would fit.</exception>
    public void Check()
    {
        (string, int)[] counts =
        [
            ("stages", Stages), ("microbatches", Microbatches), ("steps", Steps), ("batch", Batch),
            ("seq", Seq),
        ];
        foreach ((string name, int value) in counts)
            Require(value >= 1, $"--{name} is {value}.", "use 1 or more");
        RequireThreads(Threads);
        Require(
            double.IsFinite(LearningRate) && LearningRate >= 0, $"--lr is {LearningRate}.", "use a finite value of 0 or more");
        Require(double.IsFinite(Clip) && Clip >= 0, $"--clip is {Clip}.", "use a positive norm, or 0 for no clipping");
        Require(WarmupSteps >= 0, $"--warmup is {WarmupSteps}.", "use 0 or more");
        Require(GptConfig.Names.Contains(Model), $"There is no model '{Model}'.",
            $"choose one of {string.Join(", ", GptConfig.Names)}");
        RequirePrecision(Precision);
        Backends.Require(Backend, Device);
        if (Batch % Microbatches != 0)
            throw new UsageException($"--microbatches {Microbatches} does not divide --batch {Batch}.",
                $"choose one of {string.Join(", ", DivisorsNear(Batch, Microbatches))}, or another batch");
        int layers = Sizes.Layers + 2;
        Require(Stages <= layers,
            $"--stages {Stages} is more than the {layers} layers of {Model} (embedding, {Sizes.Layers} blocks, head).",
            $"choose 1 to {layers} stages, or a deeper model");
        Require(Optimizers.Names.Contains(Optimizer), $"There is no optimizer '{Optimizer}'.",
            $"choose one of {string.Join(", ", Optimizers.Names)}");
        RequirePolicy();
        LeastMemory.Require(this);
        Schedule schedule = CreateSchedule();
        Require(schedule.Stages <= layers,
            $"{schedule.Name} has {schedule.Stages} stages, more than the {layers} layers of {Model}.",
            "use fewer stages or chunks, or a deeper model");
        Require(Policy is not null || schedule.Actions.All(list => list.All(a => a.Kind != ActionKind.Update)),
            $"{schedule.Name} has updates of its own, so it has no flush.",
            "files must end with all work done: drop the U, or use pipedream-2bw or pipedream by name");
        if (Pin) StageCores.Require(Backend, Threads, Stages);
    }

    /// <summary>Refuses a precision that is none.</summary>
    /// <exception cref="UsageException">Names those that are.</exception>
    public static void RequirePrecision(string name) => Require(Nn.Precision.Names.Contains(name),
        $"There is no precision '{name}'.", $"choose one of {string.Join(", ", Nn.Precision.Names)}");

    /// <summary>Refuses more threads than any machine has use for.</summary>
    /// <exception cref="UsageException">Says how many there may be.</exception>
    public static void RequireThreads(int threads)
    {
        Require(threads >= 1, $"--threads is {threads}.", "use 1 or more");
        Require(threads <= HostOptions.MostThreads, $"--threads is {threads}; the most is {HostOptions.MostThreads}.",
            $"this machine has {Environment.ProcessorCount} cores, and more threads than cores make nothing faster");
    }

    /// <summary>The divisors of a number that are nearest to another, ascending; all where they are few.</summary>
    private static IEnumerable<int> DivisorsNear(int number, int wanted)
    {
        const int most = 16;
        List<int> divisors = [];
        for (int d = 1; (long)d * d <= number; d++)
            if (number % d == 0) divisors.AddRange(d * d == number ? [d] : [d, number / d]);
        return divisors.OrderBy(d => Math.Abs((long)d - wanted)).Take(most).Order();
    }

    /// <summary>What schedules without a flush need besides.</summary>
    private void RequirePolicy()
    {
        if (Policy == WeightPolicy.TwoBuffered)
            Require(Microbatches >= Stages,
                $"--microbatches {Microbatches} is fewer than --stages {Stages}: two versions of the weights are not enough.",
                $"{Schedule} needs at least as many microbatches as stages");
        if (Policy != WeightPolicy.Stashed) return;
        Require(Microbatches == 1, $"--microbatches is {Microbatches}, and {Schedule} updates after each.",
            "use --microbatches 1, or --schedule pipedream-2bw");
        Require(Clip == 0, $"--clip is {Clip}, and with {Schedule} stages update at different times: there is no global norm.",
            "use --clip 0, or --schedule pipedream-2bw");
        Require(Stages == 1 || !TieEmbeddings,
            $"--tie-embeddings with {Schedule}: the first and the last stage update after each microbatch on their own, "
            + "so a table that they share would be two.",
            "use --schedule pipedream-2bw, a schedule with a flush, or --stages 1");
    }

    /// <summary>The options that decide the bits of the result; a resumed run must have the same.
    /// Stages, schedule, split and threads may change, unless <see cref="UpdateTiming"/> does.</summary>
    /// <param name="data">A digest of the data.</param>
    public SortedDictionary<string, string> Configuration(string data) => new(StringComparer.Ordinal)
    {
        ["model"] = Model,
        [TieKey] = TieEmbeddings ? "true" : "false",
        [PrecisionKey] = Precision,
        ["microbatches"] = Text(Microbatches),
        ["steps"] = Text(Steps),
        ["batch"] = Text(Batch),
        ["seq"] = Text(Seq),
        ["lr"] = Text(LearningRate),
        ["warmup"] = Text(WarmupSteps),
        ["clip"] = Text(Clip),
        ["optimizer"] = Optimizer,
        [UpdateTiming.Key] = UpdateTiming.Of(this),
        ["seed"] = Text(Seed),
        ["backend"] = Device is null ? Backend : $"{Backend} on {Device}",
        ["data"] = data,
    };

    private static string Text<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    private static void Require(bool condition, string message, string hint)
    {
        if (!condition) throw new UsageException(message, hint);
    }
}
