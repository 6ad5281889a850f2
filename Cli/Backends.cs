using System.CommandLine;
using AutogradCore.Kernels;
using AutogradCore.Kernels.Simt;

namespace AutogradCore.Cli;

/// <summary>Backends and devices by the names of the command line.</summary>
internal static class Backends
{
    private const string Emulator = "simt";

    /// <summary>The names that <see cref="Create"/> knows; <c>simt</c> is short for <c>ilgpu</c> on the device of that
    /// name.</summary>
    public static IReadOnlyList<string> Names { get; } = ["host", "reference", "ilgpu", Emulator];

    /// <summary>The devices here: those of ILGPU, and the emulator.</summary>
    public static IReadOnlyList<string> Devices => [.. KernelDevices.Available, Emulator];

    /// <summary>What <c>--device</c> says in help texts.</summary>
    public static string DeviceHelp => "The device of the backend ilgpu: cuda:0, opencl:0, cpu (ILGPU on the CPU), or simt, the "
        + "emulator. Default: the first GPU. Alone it implies --backend ilgpu.";

    /// <summary>What <c>--backend</c> says; <c>ilgpu</c> where only <c>--device</c> is given.</summary>
    public static string Chosen(ParseResult parsed, Option<string> backend, Option<string?> device) =>
        parsed.GetValue(device) is not null && parsed.GetResult(backend) is null or { Implicit: true }
            ? "ilgpu" : parsed.GetValue(backend)!;

    /// <summary>A backend of that name on that many threads, and on those cores when there are any.</summary>
    /// <exception cref="UsageException">No backend has that name, or it has no device of that name.</exception>
    public static IBackend Create(string name, int threads, IReadOnlyList<int>? cores = null, string? device = null)
    {
        Require(name, device);
        return name switch
        {
            "host" => new HostBackend(new HostOptions { Threads = threads, Cores = cores }),
            "reference" => new ReferenceBackend(),
            Emulator => OpenDevice(Emulator).CreateBackend(),
            _ => OpenDevice(device).CreateBackend(),
        };
    }

    /// <summary>One backend per rank, made by <paramref name="create"/>; ranks on a GPU share the one device.</summary>
    public static IBackend[] CreateRanks(string name, string? device, int ranks, Func<int, IBackend> create)
    {
        Require(name, device);
        if (name is "host" or "reference") return [.. Enumerable.Range(0, ranks).Select(create)];
        KernelDevice shared = OpenDevice(name == Emulator ? name : device);
        return [.. Enumerable.Range(0, ranks).Select(_ => shared.CreateBackend())];
    }

    /// <summary>Opens a device by name; null: the first GPU. Simulators, which only tiny sizes are for, are never chosen
    /// unasked.</summary>
    /// <exception cref="UsageException">No name is given, and there is no GPU.</exception>
    /// <exception cref="DeviceException">There is no such device here.</exception>
    public static KernelDevice OpenDevice(string? name)
    {
        if (name == Emulator) return SimtBackend.OpenDevice();
        if ((name ?? KernelDevices.FirstGpu) is { } found) return KernelDevices.Open(found);
        throw new UsageException($"There is no GPU here: {KernelDevices.GpuReason}.",
            "name a simulator, for tiny sizes: --device simt or --device cpu");
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

    /// <summary>What a run is on, without opening it: <c>host</c>, <c>simt</c>, <c>cuda:0</c>.</summary>
    public static string Named(string name, string? device) =>
        name == "ilgpu" ? device ?? KernelDevices.FirstGpu ?? name : name;
}
