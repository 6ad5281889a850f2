using AutogradCore.Kernels.Ilgpu;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace AutogradCore.Kernels;

/// <summary>The devices that kernels run on through ILGPU.</summary>
public static class KernelDevices
{
    private const string Cpu = "cpu";

    /// <summary>The version of ILGPU that compiles the kernels.</summary>
    public static string IlgpuVersion { get; } = typeof(Context).Assembly.GetName().Version!.ToString(3);

    /// <summary>The names that <see cref="Open"/> takes here.</summary>
    public static IReadOnlyList<string> Available
    {
        get
        {
            using Context context = IlgpuContext.Create();
            return [.. Names(context)];
        }
    }

    /// <summary>The name of the first GPU; null where there is none.</summary>
    public static string? FirstGpu => Available.FirstOrDefault(name => name != Cpu);

    /// <summary>Why CUDA has no device here.</summary>
    public static string GpuReason => CudaAbsence.Reason(0);

    /// <summary>Opens a device by name: <c>cuda:0</c>, <c>opencl:0</c>, or <c>cpu</c>, ILGPU's own simulator.</summary>
    /// <remarks>The emulator has a backend of its own, <c>SimtBackend</c>.</remarks>
    /// <exception cref="DeviceException">There is no such device here.</exception>
    public static KernelDevice Open(string name)
    {
        Context context = IlgpuContext.Create();
        try
        {
            return new IlgpuDevice(name, context, Find(context, name));
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    private static IEnumerable<string> Names(Context context)
    {
        for (int i = 0; i < context.GetCudaDevices().Count; i++) yield return $"cuda:{i}";
        for (int i = 0; i < context.GetCLDevices().Count; i++)
            if (Shuffles(context.GetCLDevice(i))) yield return $"opencl:{i}";
        yield return Cpu;
    }

    private static Device Find(Context context, string name)
    {
        string[] parts = name.Split(':');
        int index = 0;
        if (parts.Length > 2 || (parts.Length == 2 && !int.TryParse(parts[1], out index)) || index < 0)
            throw NotHere(context, name, "device names are like cuda:0");
        return parts[0] switch
        {
            Cpu => context.GetCPUDevice(0),
            "cuda" when index < context.GetCudaDevices().Count => context.GetCudaDevice(index),
            "opencl" when index < context.GetCLDevices().Count && Shuffles(context.GetCLDevice(index)) =>
                context.GetCLDevice(index),
            "opencl" when index < context.GetCLDevices().Count => throw NotHere(
                context, name, $"ILGPU shuffles only within Intel's warps in OpenCL, not {context.GetCLDevice(index).Name}'s"),
            "cuda" => throw NotHere(context, name, CudaAbsence.Reason(index)),
            "opencl" => throw NotHere(context, name, NativeLibraries.OpenClReason
                ?? "ILGPU needs OpenCL 2.0, or 3.0 with generic addresses, and no such device is listed"),
            _ => throw NotHere(context, name, "device names are like cuda:0"),
        };
    }

    /// <summary>Whether reductions compile: ILGPU's OpenCL backend knows the shuffles of one vendor.</summary>
    private static bool Shuffles(CLDevice device) => device.Vendor == CLDeviceVendor.Intel && device.Capabilities.SubGroups;

    private static DeviceException NotHere(Context context, string name, string why) =>
        new($"There is no device '{name}': {why}.",
            $"the devices here are: {string.Join(", ", Names(context))}; simt, the emulator, has a backend of its own");
}
