using AutogradCore.Kernels;

namespace AutogradCore.Cli;

/// <summary>The threads of pipeline stages, and their cores: each stage its own.</summary>
internal static class StageCores
{
    /// <summary>A stage's share of the threads: as even as it can be, and never none.</summary>
    public static int Threads(int threads, int stage, int stages)
        => Math.Max(1, (threads * (stage + 1) / stages) - (threads * stage / stages));

    /// <summary>A stage's cores, one for each of its threads, of those the process was given; no two stages share one.</summary>
    public static int[] Of(int threads, int stage, int stages)
    {
        int before = Enumerable.Range(0, stage).Sum(s => Threads(threads, s, stages));
        return [.. CoreAffinity.Available.Skip(before).Take(Threads(threads, stage, stages))];
    }

    /// <summary>Refuses to pin what cannot be pinned.</summary>
    /// <exception cref="UsageException">Says what is missing.</exception>
    public static void Require(string backend, int threads, int stages)
    {
        if (backend != "host")
            throw new UsageException($"--pin is for the host backend, and --backend is {backend}.", "leave --pin out");
        if (CoreAffinity.Reason is { } reason) throw new UsageException($"{reason}.", "leave --pin out");
        int needed = Math.Max(threads, stages), there = CoreAffinity.Available.Count;
        if (needed > there)
            throw new UsageException($"--pin needs a core for each thread: {needed} threads over {stages} stages, {there} cores.",
                there < stages ? "leave --pin out, or use fewer stages" : $"use --threads {there} or less");
    }
}
