using System.Globalization;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>Reads <c>--memory-cap</c>: microbatches (<c>3mb</c>) or bytes (<c>16GB</c>, <c>512MiB</c>).</summary>
/// <remarks>
/// A microbatch is counted as in <c>peakHeld</c>: one on a rank's part of the model. One on one of two stages of a rank counts
/// half. <c>mb</c> is microbatches and <c>MB</c> is megabytes; no other unit depends on its case.
/// </remarks>
internal static class MemoryCapText
{
    public const string Help = "The most that a rank may hold from F to the end of W: microbatches, as in 3mb; or bytes with "
        + "parameters, as in 16GB or 512MiB, where the costs count bytes. A plain number is microbatches where they do not.";

    private const string Form = "write 3mb for microbatches, or bytes as in 16GB, 16GiB, 512MB or 512MiB";
    private const string Units = "KMGT";

    /// <summary>The cap of every rank, and the costs by whose memory it counts.</summary>
    /// <param name="text">The words after <c>--memory-cap</c>; null for no cap.</param>
    /// <param name="schedule">The schedule to hold down.</param>
    /// <param name="costs">Its costs.</param>
    /// <exception cref="UsageException">It is no number, its unit is unknown or not that of the costs, or it has no
    /// room.</exception>
    public static (MemoryCap Cap, StageCosts Costs) Parse(string? text, Schedule schedule, StageCosts costs)
    {
        if (text is null) return (default, costs);
        int digits = text.TakeWhile(c => char.IsAsciiDigit(c) || c is '.' or '-').Count();
        string unit = text[digits..].Trim();
        if (!decimal.TryParse(text[..digits], NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number))
            throw new UsageException($"--memory-cap '{text}' is no amount of memory.", Form);
        if (unit.Length == 0 && costs.CountsBytes)
            throw new UsageException($"--memory-cap {text} has no unit, and the costs count bytes.", Form);
        if (unit is "" or "mb") return (Microbatches(text, number, schedule), InMicrobatches(costs));
        decimal factor = FactorOf(unit, text);
        if (!costs.CountsBytes)
            throw new UsageException($"--memory-cap {text} is in bytes, and the costs count microbatches.",
                "give the cap in microbatches, as in 3mb, or --costs @profile.json with the memory of the stages");
        if (number < 0 || number > long.MaxValue / factor || number * factor < 1)
            throw new UsageException($"The memory cap is {text}.", "give at least one byte, and no more than a machine can have");
        return (MemoryCap.Everywhere((long)(number * factor)), costs);
    }

    // The library counts microbatches of single stages.
    private static MemoryCap Microbatches(string text, decimal number, Schedule schedule)
    {
        decimal share = (decimal)schedule.StageShare;
        if (number < share)
            throw new UsageException($"The memory cap is {text}, and one microbatch on one stage holds "
                + string.Create(CultureInfo.InvariantCulture, $"{share:0.####}mb."), "a rank holds at least that");
        return MemoryCap.Everywhere((long)Math.Min(int.MaxValue, Math.Floor(number / share + 1e-9m)));
    }

    private static StageCosts InMicrobatches(StageCosts costs) =>
        costs with { Memory = [.. costs.Memory.Select(_ => StageMemory.Microbatch)] };

    private static decimal FactorOf(string unit, string text)
    {
        string upper = unit.ToUpperInvariant();
        if (upper == "MB" && unit != "MB")
            throw new UsageException($"--memory-cap {text}: '{unit}' may be microbatches or megabytes.", Form);
        if (upper == "B") return 1;
        int power = Units.IndexOf(upper[0], StringComparison.Ordinal) + 1;
        decimal step = upper[1..] switch { "B" => 1000, "IB" => 1024, _ => 0 };
        if (power == 0 || step == 0) throw new UsageException($"--memory-cap {text}: the unit '{unit}' is unknown.", Form);
        decimal factor = 1;
        for (; power > 0; power--) factor *= step;
        return factor;
    }
}
