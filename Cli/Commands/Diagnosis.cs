using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using AutogradCore.Interop;
using AutogradCore.Kernels;

namespace AutogradCore.Cli;

/// <summary>One thing that may be there: with a detail when it is, with a reason when not.</summary>
internal sealed record Capability(string Name, bool Available, string? Detail, string? Reason);

/// <summary>The vector unit: the widest vectors that run in hardware, and the instruction sets behind them.</summary>
internal sealed record SimdDiagnosis(string Level, IReadOnlyList<string> Sets);

/// <summary>What <c>doctor</c> reports.</summary>
internal sealed record Diagnosis(
    string Os, string Architecture, string Dotnet, string Version, int Cores, long MemoryBytes, SimdDiagnosis Simd,
    IReadOnlyList<Capability> Backends, IReadOnlyList<Capability> Libraries, IReadOnlyList<Capability> System)
{
    public static Diagnosis OfThisMachine() => new(
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString(),
        RuntimeInformation.FrameworkDescription,
        typeof(Diagnosis).Assembly.GetName().Version!.ToString(3),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        new SimdDiagnosis(Level(), [.. Sets()]),
        [
            new("host", true, $"SIMD on {Environment.ProcessorCount} threads, float and double", null),
            new("reference", true, "plain loops, float and double: the specification", null),
            Ilgpu(),
        ],
        [Of("cuda", NativeLibraryProbe.Cuda()), Of("nccl", NativeLibraryProbe.Nccl()), Of("mpi", NativeLibraryProbe.Mpi())],
        [
            HugePageCapability(),
            new("pinning", CoreAffinity.Reason is null, $"threads to cores {string.Join(", ", CoreAffinity.Available)}",
                CoreAffinity.Reason),
        ]);

    /// <summary>What the GPU kernels run on.</summary>
    private static Capability Ilgpu() => new("ilgpu", true,
        $"ILGPU {KernelDevices.IlgpuVersion}; devices: {string.Join(", ", Cli.Backends.Devices)}"
        + (KernelDevices.FirstGpu is null ? $"; no GPU: {KernelDevices.GpuReason}" : ""), null);

    /// <summary>Asks for memory as tensors do, touches it, and looks what it got.</summary>
    private static unsafe Capability HugePageCapability()
    {
        const string name = "huge pages";
        const int bytes = 8 << 20;
        if (HugePages.Reason is { } reason) return new(name, false, null, reason);
        using MemoryPool pool = new();
        AutogradCore.Buffer buffer = pool.Rent(bytes);
        new Span<byte>((void*)buffer.Pointer, bytes).Fill(1);
        long advised = HugePages.Advise(buffer.Pointer, bytes), got = HugePages.ResidentAround(buffer.Pointer) ?? 0;
        buffer.Return();
        return new(name, advised > 0,
            $"madvise, {advised >> 20} MiB of {bytes >> 20} MiB of pool advised, {got >> 20} MiB in huge pages",
            "madvise refuses them");
    }

    private static Capability Of(string name, NativeProbe probe) =>
        new(name, probe.IsAvailable, probe.IsAvailable ? $"{probe.Name} {probe.Version} ({probe.Library})" : null, probe.Reason);

    private static string Level() =>
        Vector512.IsHardwareAccelerated ? "Vector512"
        : Vector256.IsHardwareAccelerated ? "Vector256"
        : Vector128.IsHardwareAccelerated ? "Vector128"
        : "none";

    private static IEnumerable<string> Sets()
    {
        if (Sse42.IsSupported) yield return "SSE4.2";
        if (Avx2.IsSupported) yield return "AVX2";
        if (Fma.IsSupported) yield return "FMA";
        if (Avx512F.IsSupported) yield return "AVX-512F";
        if (Avx512BW.IsSupported) yield return "AVX-512BW";
        if (AdvSimd.Arm64.IsSupported) yield return "AdvSimd";
    }
}
