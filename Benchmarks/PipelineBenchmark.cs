using System.Diagnostics;
using AutogradCore.Pipeline;

namespace AutogradCore.Benchmarks;

/// <summary>The gain of the split backward pass (2BP) on this machine: two balanced stages of one core each, the same steps
/// without and with the split in turns.</summary>
public static class PipelineBenchmark
{
    /// <summary>What the benchmark is called.</summary>
    public const string Name = "pipeline";

    private const int Stages = 2, Warm = 4;

    private static readonly (string Name, Func<Schedule> Schedule, TwoStage Policy)[] Cases =
    [
        ("naive", () => Schedules.Naive(Stages, 1), TwoStage.End),
        ("gpipe", () => Schedules.GPipe(Stages, Stages), TwoStage.End),
        ("1f1b-1", () => Schedules.OneForwardOneBackward(Stages, Stages), TwoStage.Fill),
        ("1f1b-2", () => Schedules.OneForwardOneBackward(Stages, 2 * Stages), TwoStage.Fill),
    ];

    /// <summary>Measures each schedule, yielding it as it is done.</summary>
    /// <param name="seconds">About how long to measure each.</param>
    public static IEnumerable<PipelineGain> Run(double seconds = 20)
    {
        foreach ((string name, Func<Schedule> schedule, TwoStage policy) in Cases)
            yield return Measure(name, schedule(), policy, seconds);
    }

    /// <summary>One schedule without and with the split; small for tests.</summary>
    internal static PipelineGain Measure(string name, Schedule plain, TwoStage policy, double seconds, bool small = false)
    {
        Schedule parted = SplitBackward.Apply(plain, policy);
        using BalancedPipeline whole = new(plain, small), split = new(parted, small);
        List<double> ratios = [];
        long started = Stopwatch.GetTimestamp();
        for (int pair = 0; pair < Warm + 5 || Stopwatch.GetElapsedTime(started).TotalSeconds < seconds; pair++)
        {
            // Who is first alternates, so that both meet the same disturbances of the machine.
            bool splitFirst = pair % 2 == 1;
            double other = splitFirst ? split.Step() : double.NaN, one = whole.Step();
            if (!splitFirst) other = split.Step();
            if (pair < Warm) whole.Forget(split);
            else ratios.Add(one / other);
        }
        ratios.Sort();
        return new PipelineGain(name, Stages, plain.Microbatches, Profiler.Median(ratios),
            whole.Predicted() / split.Predicted(), Theory(plain, parted), ratios[ratios.Count / 4], ratios[ratios.Count * 3 / 4]);
    }

    private static double Theory(Schedule plain, Schedule parted)
    {
        StageCosts equal = StageCosts.Uniform(Stages);
        return Simulator.Run(plain, equal).Makespan / Simulator.Run(parted, equal).Makespan;
    }
}
