using System.Diagnostics;

namespace AutogradCore.Benchmarks;

/// <summary>What training steps take of the machine's memory, measured in a process that does nothing else.</summary>
/// <param name="ResidentBytes">The most physical memory the process ever had: runtime, code, threads and tensors.</param>
/// <param name="PoolBytes">The most bytes its tensors had at once.</param>
/// <param name="ReservedBytes">What the pool took from the system for them.</param>
/// <param name="SystemAllocations">How often the pool asked the system for memory in the steady steps: 0.</param>
/// <param name="FaultsPerStep">Page faults a steady step that the system served without a disk; null: it does not say.</param>
public sealed record StepMemory(
    long ResidentBytes, long PoolBytes, long ReservedBytes, long SystemAllocations, double? FaultsPerStep)
{
    private const int WarmUp = 3, Steady = 5;

    /// <summary>The names that <see cref="Measure"/> knows.</summary>
    public static IReadOnlyList<string> Models { get; } = [.. StepModel.All.Select(m => m.Name)];

    /// <summary>Takes a few steps of a model and reads what this process took: right only in a process of its own.</summary>
    /// <exception cref="ArgumentException">No model has that name.</exception>
    public static StepMemory Measure(string model, int threads)
    {
        using StepWork work = new(StepModel.Named(model), threads);
        for (int step = 0; step < WarmUp; step++) work.Run();
        long allocations = work.Memory.SystemAllocations;
        long? faults = MinorFaults();
        for (int step = 0; step < Steady; step++) work.Run();
        double? perStep = (double?)(MinorFaults() - faults) / Steady;
        using Process self = Process.GetCurrentProcess();
        return new StepMemory(self.PeakWorkingSet64, work.Memory.PeakBytes, work.Memory.ReservedBytes,
            work.Memory.SystemAllocations - allocations, perStep);
    }

    /// <summary>The field <c>minflt</c> of <c>/proc/self/stat</c>: the eighth after the name in brackets.</summary>
    private static long? MinorFaults()
    {
        const string file = "/proc/self/stat";
        if (!File.Exists(file)) return null;
        string text = File.ReadAllText(file);
        return long.Parse(text[(text.LastIndexOf(')') + 2)..].Split(' ')[7], System.Globalization.CultureInfo.InvariantCulture);
    }
}
