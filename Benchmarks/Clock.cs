using System.Diagnostics;

namespace AutogradCore.Benchmarks;

/// <summary>Times a piece of work: warmed up, repeated, the median kept.</summary>
internal static class Clock
{
    /// <summary>Seconds of one run: the median of at least five samples, each long enough to time, within a budget.</summary>
    public static double Median(System.Action work, double budgetSeconds = 0.5)
    {
        work();
        double once = Time(work, 1);
        int repeats = (int)Math.Clamp(0.005 / Math.Max(once, 1e-9), 1, 1_000_000);
        List<double> samples = [];
        Stopwatch total = Stopwatch.StartNew();
        while (samples.Count < 5 || (total.Elapsed.TotalSeconds < budgetSeconds && samples.Count < 101)) samples.Add(Time(work, repeats));
        samples.Sort();
        return samples[samples.Count / 2];
    }

    private static double Time(System.Action work, int repeats)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++) work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / repeats;
    }
}
