using System.Runtime.InteropServices;

namespace AutogradCore.Kernels;

/// <summary>Which cores threads may run on. Linux only (<c>sched_setaffinity</c>); elsewhere it says why not.</summary>
public static unsafe partial class CoreAffinity
{
    private const int MostCores = 8192;

    /// <summary>Why threads cannot be pinned here; null when they can.</summary>
    public static string? Reason { get; } = FindReason();

    /// <summary>The cores that this process was given, ascending, as they were before any thread was pinned; empty where threads
    /// cannot be pinned.</summary>
    public static IReadOnlyList<int> Available { get; } = Reason is null ? Cores() : [];

    /// <summary>The calling thread's number in the system.</summary>
    internal static int Thread() => gettid();

    /// <summary>The cores that the calling thread may run on.</summary>
    /// <exception cref="PlatformNotSupportedException">The system does not say; see <see cref="Reason"/>.</exception>
    public static int[] Cores()
    {
        byte* mask = stackalloc byte[MostCores / 8];
        new Span<byte>(mask, MostCores / 8).Clear();
        if (sched_getaffinity(0, MostCores / 8, mask) != 0)
            throw new PlatformNotSupportedException($"sched_getaffinity gave errno {Marshal.GetLastPInvokeError()}.");
        List<int> cores = [];
        for (int core = 0; core < MostCores; core++)
            if ((mask[core / 8] >> (core % 8) & 1) != 0) cores.Add(core);
        return [.. cores];
    }

    /// <summary>Lets a thread of this process run on some cores only.</summary>
    /// <param name="thread">From <see cref="Thread"/>.</param>
    /// <param name="cores">At least one.</param>
    /// <returns>Whether the system did so: not when the thread has ended, or no core is among the process's.</returns>
    internal static bool Set(int thread, ReadOnlySpan<int> cores) =>
        Directory.Exists($"/proc/self/task/{thread}") && Apply(thread, cores);

    /// <summary>Lets the calling thread run on some cores only.</summary>
    /// <returns>Whether the system did so.</returns>
    public static bool SetOwn(ReadOnlySpan<int> cores) => Apply(thread: 0, cores);

    private static bool Apply(int thread, ReadOnlySpan<int> cores)
    {
        byte* mask = stackalloc byte[MostCores / 8];
        new Span<byte>(mask, MostCores / 8).Clear();
        foreach (int core in cores) mask[core / 8] |= (byte)(1 << (core % 8));
        return sched_setaffinity(thread, MostCores / 8, mask) == 0;
    }

    private static string? FindReason()
    {
        if (!OperatingSystem.IsLinux()) return "pinning threads to cores is not available on this system, only on Linux";
        try
        {
            _ = (Thread(), Cores());
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or PlatformNotSupportedException)
        {
            return $"pinning threads to cores is not available: {e.Message}";
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_getaffinity(int thread, nuint bytes, byte* mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setaffinity(int thread, nuint bytes, byte* mask);

    [LibraryImport("libc")]
    private static partial int gettid();
}
