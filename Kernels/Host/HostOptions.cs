namespace AutogradCore.Kernels;

/// <summary>How a <see cref="HostBackend"/> uses the machine. Nothing here changes a bit of any result.</summary>
public sealed record HostOptions
{
    /// <summary>The most threads that a backend takes: far more than cores only cost memory and time.</summary>
    public static int MostThreads => Math.Max(1024, 4 * Environment.ProcessorCount);

    /// <summary>Threads that share the work, the caller's included, at most <see cref="MostThreads"/>; 0 means one for each of
    /// <see cref="Cores"/>, or of the machine's cores when none are named.</summary>
    public int Threads { get; init; }

    /// <summary>The cores to keep the threads on, one each: the caller of a verb on the first, the backend's own threads on the
    /// others. Null: the system moves threads as it likes.</summary>
    /// <remarks>Stages of a pipeline that run at once need different cores. The caller may run everywhere again when another
    /// thread calls the backend, and when the backend is disposed. Linux only: see <see cref="CoreAffinity"/>.</remarks>
    public IReadOnlyList<int>? Cores { get; init; }

    /// <summary>Options for <paramref name="threads"/> threads, pinned to the first cores that this process was given.</summary>
    /// <exception cref="ArgumentException">More threads than cores, or not available here.</exception>
    public static HostOptions Pinned(int threads = 0)
    {
        int[] cores = [.. CoreAffinity.Available.Take(threads == 0 ? int.MaxValue : threads)];
        HostOptions options = new() { Cores = cores, Threads = threads };
        _ = options.Check();
        return options;
    }

    /// <summary>The number of threads, once the options are seen to fit the machine and each other.</summary>
    internal int Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Threads, MostThreads);
        if (Cores is null) return Threads == 0 ? Environment.ProcessorCount : Threads;
        if (CoreAffinity.Reason is { } reason) throw new ArgumentException($"{reason}.\nHint: leave Cores out", nameof(Cores));
        if (Cores.Distinct().Count() != Cores.Count || Cores.Except(CoreAffinity.Available).Any())
            throw new ArgumentException(
                $"Cores {Text(Cores)} are not different cores of this process, which has {Text(CoreAffinity.Available)}.",
                nameof(Cores));
        int threads = Threads == 0 ? Cores.Count : Threads;
        return threads > 0 && threads == Cores.Count
            ? threads
            : throw new ArgumentException(
                $"{threads} threads cannot have a core each of {Text(Cores)}.\nHint: name as many cores as threads",
                nameof(Cores));
    }

    private static string Text(IEnumerable<int> cores) => $"[{string.Join(", ", cores)}]";
}
