using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>At which weights gradients are taken, which decides the bits: what a resumed run must have kept.</summary>
internal static class UpdateTiming
{
    /// <summary>The configuration's name for it.</summary>
    public const string Key = "updates";

    /// <summary>At those of the step before: every schedule with a flush, and checkpoints that do not say.</summary>
    public const string Prompt = "prompt";

    /// <summary>Equal for runs whose gradients are taken at the same weights.</summary>
    public static string Of(TrainOptions options) => options.Policy switch
    {
        null => Prompt,
        WeightPolicy.TwoBuffered => "one step late",
        _ => $"stashed over {options.Stages} stages",
    };

    /// <summary>Refuses to go on with gradients taken at other weights than a checkpoint's.</summary>
    /// <exception cref="UsageException">They differ.</exception>
    public static void RequireSame(string path, IReadOnlyDictionary<string, string> saved, TrainOptions options)
    {
        string before = saved.GetValueOrDefault(Key, Prompt), now = Of(options);
        if (before == now) return;
        throw new UsageException(
            $"{path} was written by a run whose updates are {before}; with --schedule {options.Schedule} they are {now}.",
            before == Prompt ? "resume with a schedule that has a flush"
                : before == "one step late" ? "resume with --schedule pipedream-2bw"
                : "resume with --schedule pipedream and as many --stages as before");
    }
}
