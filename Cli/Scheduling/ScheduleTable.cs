using System.Globalization;
using System.Text;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>Bubble, makespan and memory of every built-in schedule at equal costs: the table of the documents.</summary>
internal static class ScheduleTable
{
    private const int Batches = 4;
    private static readonly int[] Sizes = [4, 8, 16];

    /// <summary>One schedule for one number of ranks, as it is and with 2BP.</summary>
    internal sealed record Row(string Schedule, int Ranks, int Stages, Figures Plain, Figures? Split);

    /// <summary>What the simulator says; memory in N-ths of the model's state for one microbatch.</summary>
    internal sealed record Figures(double BubbleRatio, double Makespan, double Memory);

    /// <summary>All rows, by number of ranks.</summary>
    public static IEnumerable<Row> Rows => Sizes.SelectMany(ranks => Schedules.All.Select(info => RowOf(info, ranks)));

    /// <summary>The page.</summary>
    public static string ToPage()
    {
        StringBuilder page = new("""
            # What the built-in schedules cost

            Written by `schedule list --table`; a test compares this page with what the command prints. N ranks, 2N microbatches;
            F, I and W of an N-th of the model take 1 each, so those of each of v stages on a rank 1/v, and transfers nothing.
            Memory is the most that any rank holds from F to the end of W or B, where 1 is one microbatch on an N-th of the
            model. *With 2BP* splits every B and places the W where ranks wait (`--two-stage fill`); schedules defined with W of
            their own have none. Schedules without a flush run four times 2N microbatches, and the makespan is a quarter of
            theirs. What `zb-h2` and `zb-v` show as a bubble is that ranks start one after another; between its first action and
            its last, no rank waits.

            """.ReplaceLineEndings("\n"));
        foreach (IGrouping<int, Row> size in Rows.GroupBy(row => row.Ranks))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## N = {size.Key}\n\n");
            page.Append("| schedule | stages | bubble | makespan | memory | with 2BP: bubble | makespan | memory |\n");
            page.Append("|---|---|---|---|---|---|---|---|\n");
            foreach (Row row in size)
                page.Append(CultureInfo.InvariantCulture,
                    $"| {row.Schedule} | {row.Stages} |{Cells(row.Plain)}{Cells(row.Split)}\n");
        }
        return page.ToString();
    }

    private static string Cells(Figures? f) => f is null
        ? " | | |"
        : string.Create(CultureInfo.InvariantCulture, $" {100 * f.BubbleRatio:0.0} % | {f.Makespan:0.##} | {f.Memory:0.##} |");

    private static Row RowOf(ScheduleInfo info, int ranks)
    {
        int microbatches = info.SingleMicrobatch ? 1 : 2 * ranks;
        int batches = info.Flushes ? 1 : Batches * 2 * ranks / microbatches;
        Schedule schedule = Schedules.Create(info.Name, ranks, microbatches, batches: batches);
        return new Row(info.Name, ranks, schedule.Stages, FiguresOf(schedule, info.Flushes ? 1 : Batches),
            info is { Flushes: true, SplitsItself: false } ? FiguresOf(SplitBackward.Apply(schedule, TwoStage.Fill), 1) : null);
    }

    private static Figures FiguresOf(Schedule schedule, int batches)
    {
        SimulationSummary summary = Simulator.Summarize(schedule, StageCosts.OfModel(schedule));
        return new Figures(
            summary.BubbleRatio, summary.Makespan / batches, schedule.StageShare * summary.Held.Max(h => h.Either));
    }
}
