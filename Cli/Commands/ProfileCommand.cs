using System.CommandLine;
using AutogradCore.Nn;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary><c>profile</c>: measures F, I, W and the bytes of each stage of a model, and transfers, for the simulator.</summary>
internal static class ProfileCommand
{
    private const int Warm = 3, MostSteps = 1_000_000;

    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        TrainOptions standard = new();
        Option<string> model = Of("--model", $"{string.Join(" or ", GptConfig.Names)}.", standard.Model);
        Option<string> precision = Of("--precision", TrainOptions.PrecisionHelp, standard.Precision);
        Option<int> stages = Of("--stages", "Pipeline stages.", standard.Stages);
        Option<int> microbatches = Of("--microbatches", "Microbatches per step; divides the batch.", standard.Microbatches);
        Option<int> batch = Of("--batch", "Sequences per step.", standard.Batch);
        Option<int> seq = Of("--seq", "Bytes per sequence, and the model's context.", standard.Seq);
        Option<int> threads = Of("--threads", "Threads of all stages together; at least one each.", standard.Threads);
        Option<int> steps = Of("--steps", "Steps to measure.", 20);
        Option<string?> output = new Option<string?>("--out")
        {
            Description = "Write the costs here, for schedule simulate --costs @FILE.",
        }.OfPath();
        Option<bool> json = new("--json") { Description = "Print the costs as one JSON object." };
        Command command = new("profile", "Measures F, I, W and bytes of each stage, and transfers, for the simulator.")
        {
            model, precision, stages, microbatches, batch, seq, threads, steps, output, json,
        };
        command.SetAction(parsed =>
        {
            int count = parsed.GetValue(steps);
            if (count is < 1 or > MostSteps) throw new UsageException($"--steps is {count}.", $"use 1 to {MostSteps}");
            TrainOptions options = new()
            {
                Model = parsed.GetValue(model)!,
                Precision = parsed.GetValue(precision)!,
                Stages = parsed.GetValue(stages),
                Microbatches = parsed.GetValue(microbatches),
                Batch = parsed.GetValue(batch),
                Seq = parsed.GetValue(seq),
                Threads = parsed.GetValue(threads),
                Steps = Warm + count,
                TwoStage = "eager",
            };
            options.Check();
            if (parsed.GetValue(output) is { } destination) WholeFile.RequirePlace(destination);
            StageCosts costs = Measure(options, count, cancellation);
            if (parsed.GetValue(output) is { } path)
            {
                WholeFile.Write(path, CostFile.Write(costs));
                terminal.Error.WriteLine($"Written to {path}");
            }
            if (parsed.GetValue(json)) terminal.Out.WriteLine(CostsJson.Write(costs));
            else Print(costs, terminal);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Medians over steps in which each I and W run apart; the first steps compile code.</summary>
    private static StageCosts Measure(TrainOptions options, int count, CancellationToken cancellation)
    {
        using TrainingRun run = new(options, TrainingData.Random(options.Seq), timesActions: true);
        List<Timeline> timelines = [];
        for (int step = 0; step < Warm + count; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            Timeline timeline = run.Advance(run.StepCount + 1, _ => { }, cancellation).Timeline;
            if (step >= Warm) timelines.Add(timeline);
        }
        return Profiler.Costs(timelines, options.Stages, LinkOf(options)) with { Memory = [.. run.Memory] };
    }

    /// <summary>Measures a size once, on backends like those of the stages.</summary>
    private static Func<long, Link> LinkOf(TrainOptions options)
    {
        Dictionary<long, Link> measured = [];
        return bytes =>
        {
            if (measured.TryGetValue(bytes, out Link known)) return known;
            int threads = StageCores.Threads(options.Threads, 0, options.Stages);
            using IBackend here = Backends.Create(options.Backend, threads), there = Backends.Create(options.Backend, threads);
            using InProcessTransport transport = new();
            return measured[bytes] = new LinkProbe(transport, here, there).Measure(bytes);
        };
    }

    private static void Print(StageCosts costs, Terminal terminal)
    {
        TextTable table = new("stage", "F", "I", "W", "held after F", "held after I", "parameters and state");
        for (int s = 0; s < costs.Stages; s++)
        {
            StageMemory memory = costs.Memory[s];
            table.Add($"{s}", Milliseconds(costs.Forward[s]), Milliseconds(costs.Inputs[s]), Milliseconds(costs.Weights[s]),
                Mebibytes(memory.AfterForward), Mebibytes(memory.AfterInputs), Mebibytes(memory.Parameters));
        }
        terminal.Write(table);
        if (costs.Stages > 1) PrintLinks(costs, terminal);
    }

    private static void PrintLinks(StageCosts costs, Terminal terminal)
    {
        TextTable table = new("transfer", "bytes", "latency", "bandwidth", "time");
        for (int s = 0; s + 1 < costs.Stages; s++)
        {
            Add($"activations {s} to {s + 1}", costs.Links[s]);
            Add($"gradients {s + 1} to {s}", costs.BackLinks[s]);
        }
        terminal.Write(table);

        void Add(string way, Link link) => table.Add(way, Mebibytes((long)link.Bytes), Microseconds(link.Latency),
            link.Bandwidth > 0 ? $"{link.Bandwidth / 1e9:0.00} GB/s" : "-", Microseconds(link.Time));
    }

    private static string Microseconds(double seconds) => $"{seconds * 1e6:0.0} µs";

    private static string Milliseconds(double seconds) => $"{seconds * 1000:0.00} ms";

    private static string Mebibytes(long bytes) => $"{bytes / (double)(1 << 20):0.00} MiB";

    private static Option<T> Of<T>(string name, string description, T standard) =>
        new(name) { Description = description, DefaultValueFactory = _ => standard };
}
