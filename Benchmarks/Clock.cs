using System.Diagnostics;

namespace AutogradCore.Benchmarks;

/// <summary>Times a piece of work: warmed up, repeated, the median kept.</summary>
internal static class Clock
{
    /// <summary>Seconds of one run: the median of at least five samples, each long enough to time, within a budget.</summary>
    public static double Median(System.Action work, double budgetSeconds = 0.5)
    {
        List<double> samples = Samples(work, budgetSeconds);
        return samples[samples.Count / 2];
    }

    /// <summary>Seconds of the fastest run: for bounds, which other processes can only hide.</summary>
    public static double Best(System.Action work, double budgetSeconds = 0.5) => Samples(work, budgetSeconds)[0];

    private static List<double> Samples(System.Action work, double budgetSeconds)
    {
        work();
        double once = Time(work, 1);
        int repeats = (int)Math.Clamp(0.005 / Math.Max(once, 1e-9), 1, 1_000_000);
        List<double> samples = [];
        Stopwatch total = Stopwatch.StartNew();
        while (samples.Count < 5 || (total.Elapsed.TotalSeconds < budgetSeconds && samples.Count < 101))
            samples.Add(Time(work, repeats));
        samples.Sort();
        return samples;
    }

    private static double Time(System.Action work, int repeats)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++) work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / repeats;
    }
}
