using AutogradCore.Kernels;

namespace AutogradCore.Cli;

/// <summary>Backends by the names of the command line.</summary>
internal static class Backends
{
    /// <summary>The names that <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["host", "reference"];

    /// <summary>A backend of that name on that many threads, and on those cores when there are any.</summary>
    /// <exception cref="UsageException">No backend has that name.</exception>
    public static IBackend Create(string name, int threads, IReadOnlyList<int>? cores = null) => name switch
    {
        "host" => new HostBackend(new HostOptions { Threads = threads, Cores = cores }),
        "reference" => new ReferenceBackend(),
        _ => throw new UsageException($"There is no backend '{name}'.", $"choose one of {string.Join(", ", Names)}"),
    };
}
