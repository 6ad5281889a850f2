using System.Security.Cryptography;
using System.Text;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>In which order the gradients of a schedule's microbatches are added, which decides their last bits.</summary>
internal static class AccumulationOrder
{
    /// <summary>The order of every built-in schedule, whatever its stages.</summary>
    public const string Ascending = "ascending";

    /// <summary>The configuration's name for it; checkpoints without it are of ascending order.</summary>
    public const string Key = "accumulation";

    /// <summary>Equal for schedules whose stages add gradients in the same order; where stages differ among themselves, for
    /// schedules of the same stages only.</summary>
    public static string Of(Schedule schedule)
    {
        string[] orders = [.. Enumerable.Range(0, schedule.Stages).Select(stage => OfStage(schedule, stage))];
        if (orders.Distinct().Count() == 1) orders = [orders[0]];
        string ascending = string.Join(' ', Enumerable.Range(0, schedule.Microbatches));
        return orders is [var order] && order == ascending
            ? Ascending
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join('\n', orders))))[..16];
    }

    /// <summary>Refuses to go on in another order than a checkpoint's.</summary>
    /// <exception cref="UsageException">The orders differ.</exception>
    public static void RequireSame(string path, IReadOnlyDictionary<string, string> saved, Schedule schedule)
    {
        string before = saved.GetValueOrDefault(Key, Ascending), now = Of(schedule);
        if (before == now) return;
        throw new UsageException(
            $"{path} was written by a run that adds up the gradients of the microbatches in another order ({before}) than "
            + $"--schedule {schedule.Name} does ({now}), which changes their last bits.",
            before == Ascending
                ? "resume with a built-in schedule, or with one whose W of each stage are ascending"
                : "resume with the schedule it was started with, or start a new run in another --out");
    }

    private static string OfStage(Schedule schedule, int stage) => string.Join(' ', schedule[schedule.RankOf(stage)]
        .Where(a => a.Stage == stage && a.Kind is (ActionKind.BackwardWeights or ActionKind.Backward))
        .Select(a => a.Microbatch));
}
