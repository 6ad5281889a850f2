using AutogradCore.Kernels.Cuda;
using ILGPU.Runtime.Cuda;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Why a GPU of NVIDIA's is not there: ILGPU leaves out what it cannot use, and says nothing.</summary>
internal static class CudaAbsence
{
    /// <summary>Why there is no GPU of a number.</summary>
    public static string Reason(int number)
    {
        if (NativeLibraries.CudaReason is { } missing) return missing;
        try
        {
            CudaDriver.Installed(out _)?.Initialize();
        }
        catch (DeviceException error)
        {
            return error.Message.TrimEnd('.');
        }
        using Context all = Context.Create(builder => builder.Cuda(_ => true));
        int count = all.GetCudaDevices().Count;
        return number < count ? Unusable(all.GetCudaDevice(number)) : $"the driver lists {count} GPUs";
    }

    private static string Unusable(CudaDevice device)
    {
        CudaArchitecture target = ((CudaCapabilityContext)device.Capabilities).TargetArchitecture;
        return CudaAccelerator.TryGetInstructionSet(target, device.DriverVersion, out CudaDriverVersion needed, out _)
            ? $"ILGPU cannot use {device.Name} ({device.Architecture})"
            : $"the driver is too old: it knows CUDA {device.DriverVersion}, "
                + $"and kernels for {device.Name} ({target}) need {needed}";
    }
}
