using System.Diagnostics;

namespace AutogradCore.Benchmarks;

/// <summary>Times a piece of work: warmed up, repeated, the median kept.</summary>
internal static class Clock
{
    /// <summary>Seconds of one run: the median of at least five samples, each long enough to time, within a budget.</summary>
    /// <param name="work">The work.</param>
    /// <param name="budgetSeconds">How long to repeat it.</param>
    /// <param name="finish">Waits for it where it is only queued: once a sample.</param>
    public static double Median(System.Action work, double budgetSeconds = 0.5, System.Action? finish = null)
    {
        List<double> samples = Samples(work, budgetSeconds, finish);
        return samples[samples.Count / 2];
    }

    /// <summary>Seconds of the fastest run: for bounds, which other processes can only hide.</summary>
    public static double Best(System.Action work, double budgetSeconds = 0.5) => Samples(work, budgetSeconds, null)[0];

    private static List<double> Samples(System.Action work, double budgetSeconds, System.Action? finish)
    {
        Time(work, 1, finish);
        double once = Time(work, 1, finish);
        int repeats = (int)Math.Clamp(0.005 / Math.Max(once, 1e-9), 1, 1_000_000);
        List<double> samples = [];
        Stopwatch total = Stopwatch.StartNew();
        while (samples.Count < 5 || (total.Elapsed.TotalSeconds < budgetSeconds && samples.Count < 101))
            samples.Add(Time(work, repeats, finish));
        samples.Sort();
        return samples;
    }

    private static double Time(System.Action work, int repeats, System.Action? finish)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++) work();
        finish?.Invoke();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / repeats;
    }
}
