using System.CommandLine;
using AutogradCore.Nn;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary><c>train</c>: trains a byte-level GPT over pipeline stages.</summary>
internal static class TrainCommand
{
    public static Command Create(Terminal terminal, Interruption interruption)
    {
        TrainOptions standard = new();
        Option<string[]> data = new Option<string[]>("--data")
        {
            Description = "Text files or folders, read as UTF-8 bytes. Default: this repository's own sources and documents.",
            AllowMultipleArgumentsPerToken = true,
        }.OfPath();
        Option<string> model = Of("--model", $"{string.Join(" or ", GptConfig.Names)}.", standard.Model);
        Option<string> precision = Of("--precision", TrainOptions.PrecisionHelp, standard.Precision);
        Option<bool> tie = new("--tie-embeddings")
        {
            Description = "The head projects with the token embedding's table instead of a weight of its own.",
        };
        Option<int> stages = Of("--stages",
            "Ranks of the pipeline, with one stage each unless the schedule has more.", standard.Stages);
        Option<int> microbatches = Of("--microbatches", "Microbatches per step; divides the batch.", standard.Microbatches);
        Option<string> schedule = Of("--schedule",
            $"A CSV file in PyTorch's layout, or one of {string.Join(", ", Schedules.Names)}.",
            standard.Schedule);
        Option<int?> chunks = new("--chunks") { Description = "Stages per rank. Default: as the schedule is defined." };
        Option<string?> twoStage = new("--two-stage")
        {
            Description = "Whether the backward pass is split, and where weight gradients go: off, end, fill or eager. "
                + "Default: fill, or off where the schedule places them itself or has no flush.",
        };
        Option<int> steps = Of("--steps", "Optimizer steps of the whole run.", standard.Steps);
        Option<int> batch = Of("--batch", "Sequences per step.", standard.Batch);
        Option<int> seq = Of("--seq", "Bytes per sequence, and the model's context.", standard.Seq);
        Option<double> rate = Of("--lr", "The highest learning rate; it falls along a cosine to a tenth.", standard.LearningRate);
        Option<int?> warmup =
            new("--warmup") { Description = "Steps over which the rate rises. Default: a tenth of all, at most 100." };
        Option<double> clip = Of("--clip", "The largest gradient norm; 0 for no clipping.", standard.Clip);
        Option<string> optimizer = Of("--optimizer", $"{string.Join(" or ", Optimizers.Names)}.", standard.Optimizer);
        Option<ulong> seed = Of("--seed", "The seed of parameters and batches.", standard.Seed);
        Option<string> backend = Of("--backend", $"{string.Join(" or ", Backends.Names)}.", standard.Backend);
        Option<string?> device = new("--device") { Description = Backends.DeviceHelp };
        Option<int> threads = Of("--threads", "Threads of all stages together; at least one each.", standard.Threads);
        Option<bool> pin =
            new("--pin") { Description = "Keep each thread on a core of its own, and each stage on its own cores (Linux)." };
        Option<bool> anomaly =
            new("--detect-anomaly") { Description = "Check every result for NaN and infinity, and name the op." };
        Option<string?> output = new Option<string?>("--out")
        {
            Description = "Folder for results. Default: a new one below artifacts/train.",
        }.OfPath();
        Option<bool> resume = new("--resume")
        {
            Description = "Go on from the checkpoint in --out, with the same bits as if it had never stopped.",
        };
        Option<bool> overwrite = new("--overwrite") { Description = "Start anew even if --out holds a checkpoint." };
        Option<int> every = Of("--checkpoint-every", "Steps between checkpoints.", 100);
        Option<int?> stop =
            new("--stop-at") { Description = "Save and stop after this step, as Ctrl-C would; --resume goes on." };
        Option<bool> json = new("--json") { Description = "Print the summary as one JSON object." };
        Command command = new("train", "Trains a byte-level GPT over pipeline stages.")
        {
            data, model, tie, precision, stages, microbatches, schedule, chunks, twoStage, steps, batch, seq, rate, warmup, clip,
            optimizer, seed, backend, device, threads, pin, anomaly, output, resume, overwrite, every, stop, json,
        };
        command.SetAction(parsed => (int)new TrainJob
        {
            Options = WithDefaultsOf(new TrainOptions
            {
                Data = parsed.GetValue(data) ?? [],
                Model = parsed.GetValue(model)!,
                TieEmbeddings = parsed.GetValue(tie),
                Precision = parsed.GetValue(precision)!,
                Stages = parsed.GetValue(stages),
                Microbatches = parsed.GetValue(microbatches),
                Schedule = parsed.GetValue(schedule)!,
                Chunks = parsed.GetValue(chunks),
                TwoStage = parsed.GetValue(twoStage) ?? TrainOptions.StandardTwoStage(parsed.GetValue(schedule)!),
                Steps = parsed.GetValue(steps),
                Batch = parsed.GetValue(batch),
                Seq = parsed.GetValue(seq),
                LearningRate = parsed.GetValue(rate),
                Warmup = parsed.GetValue(warmup),
                Clip = parsed.GetValue(clip),
                Optimizer = parsed.GetValue(optimizer)!,
                Seed = parsed.GetValue(seed),
                Backend = Backends.Chosen(parsed, backend, device),
                Device = parsed.GetValue(device),
                Threads = parsed.GetValue(threads),
                Pin = parsed.GetValue(pin),
                DetectAnomaly = parsed.GetValue(anomaly),
            }, option => parsed.GetResult(option) is { Implicit: false }, stages, microbatches, clip),
            Out = parsed.GetValue(output),
            Resume = parsed.GetValue(resume),
            Overwrite = parsed.GetValue(overwrite),
            CheckpointEvery = parsed.GetValue(every),
            StopAt = parsed.GetValue(stop),
            Json = parsed.GetValue(json),
        }.Run(terminal, interruption));
        return command;
    }

    /// <summary>A schedule file has its own sizes, and pipedream one microbatch and no clipping; given ones are left for the
    /// check.</summary>
    private static TrainOptions WithDefaultsOf(
        TrainOptions options, Func<Option, bool> isGiven, Option stages, Option microbatches, Option clip)
    {
        Schedule? file = ScheduleFile.IsMeant(options.Schedule) ? ScheduleFile.Read(options.Schedule) : null;
        bool stashed = options.Policy == WeightPolicy.Stashed;
        return options with
        {
            Stages = isGiven(stages) ? options.Stages : file?.Ranks ?? options.Stages,
            Microbatches = isGiven(microbatches) ? options.Microbatches
                : stashed ? 1
                : file?.Microbatches ?? options.Microbatches,
            Clip = isGiven(clip) || !stashed ? options.Clip : 0,
        };
    }

    private static Option<T> Of<T>(string name, string description, T standard)
        => new(name) { Description = description, DefaultValueFactory = _ => standard };
}
