using AutogradCore.Kernels;

namespace AutogradCore.Cli;

/// <summary>Backends by the names of the command line.</summary>
internal static class Backends
{
    /// <summary>The names that <see cref="Create"/> knows; <c>simt</c> is short for <c>ilgpu</c> on the device of that
    /// name.</summary>
    public static IReadOnlyList<string> Names { get; } = ["host", "reference", "ilgpu", "simt"];

    /// <summary>What <c>--device</c> says in help texts.</summary>
    public static string DeviceHelp => "The device of the backend ilgpu: cuda:0, opencl:0, cpu, or simt, the emulator. "
        + "Default: the first that doctor lists.";

    /// <summary>A backend of that name on that many threads, and on those cores when there are any.</summary>
    /// <exception cref="UsageException">No backend has that name, or it has no device of that name.</exception>
    public static IBackend Create(string name, int threads, IReadOnlyList<int>? cores = null, string? device = null)
    {
        Require(name, device);
        return name switch
        {
            "host" => new HostBackend(new HostOptions { Threads = threads, Cores = cores }),
            "reference" => new ReferenceBackend(),
            _ => new IlgpuBackend(DeviceOf(name, device)),
        };
    }

    /// <summary>One backend per rank, made by <paramref name="create"/>; ranks on a GPU share the one device.</summary>
    public static IBackend[] CreateRanks(string name, string? device, int ranks, Func<int, IBackend> create)
    {
        Require(name, device);
        if (name is "host" or "reference") return [.. Enumerable.Range(0, ranks).Select(create)];
        KernelDevice shared = KernelDevices.Open(DeviceOf(name, device));
        return [.. Enumerable.Range(0, ranks).Select(_ => new IlgpuBackend(shared))];
    }

    /// <summary>Refuses a backend or a device that there is not.</summary>
    /// <exception cref="UsageException">Says what there is.</exception>
    public static void Require(string name, string? device)
    {
        if (!Names.Contains(name))
            throw new UsageException($"There is no backend '{name}'.", $"choose one of {string.Join(", ", Names)}");
        if (device is not null && name != "ilgpu")
            throw new UsageException($"--device is for the backend ilgpu, and --backend is {name}.", "leave --device out");
    }

    /// <summary>A backend with the device that it works on, for people.</summary>
    public static string Described(string name, string? device) =>
        name is "host" or "reference" ? name : $"{name}, device {DeviceOf(name, device)}";

    private static string DeviceOf(string name, string? device) =>
        name == "simt" ? name : device ?? KernelDevices.Available[0];
}
