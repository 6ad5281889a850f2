using AutogradCore.Kernels.Cuda;
using ILGPU.Runtime.Cuda;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A kernel compiled for a device.</summary>
/// <param name="Launch">Queues it.</param>
/// <param name="Shared">Its shared memory, where the device gives some only to those that ask.</param>
internal sealed record LoadedKernel<TArguments>(
    Action<AcceleratorStream, KernelConfig, TArguments> Launch, SharedMemoryOptIn? Shared) where TArguments : struct
{
    /// <summary>Compiles a kernel.</summary>
    /// <param name="kernel">Its method.</param>
    /// <param name="accelerator">For what.</param>
    /// <param name="driver">The CUDA driver, or null.</param>
    /// <param name="limit">Bytes of shared memory that a group can have with the driver's leave.</param>
    /// <exception cref="KernelException">It is made of types that devices cannot see.</exception>
    public static LoadedKernel<TArguments> Load(
        Action<TArguments> kernel, Accelerator accelerator, CudaDriver? driver, int limit)
    {
        RequireVisible(kernel);
        bool isCuda = accelerator is CudaAccelerator; // others have smaller groups, and no such bounds
        Action<AcceleratorStream, KernelConfig, TArguments> launch =
            accelerator.LoadKernel(kernel, isCuda ? LaunchBounds.Of(kernel.Method) : KernelSpecialization.Empty);
        SharedMemoryOptIn? shared = driver is null || launch.GetKernel() is not CudaKernel function ? null
            : new(driver, function.FunctionPtr, KernelName.Of(kernel.Method), accelerator.MaxSharedMemoryPerGroup, limit);
        return new(launch, shared);
    }

    private static void RequireVisible(Action<TArguments> kernel)
    {
        Type? hidden = kernel.Method.DeclaringType!.GetGenericArguments().FirstOrDefault(t =>
            !t.IsVisible && t.Assembly != typeof(IlgpuDevice).Assembly && t.Assembly != typeof(View).Assembly);
        if (hidden is not null)
            throw new KernelException(
                $"The kernel {KernelName.Of(kernel.Method)} cannot be compiled: {hidden.Name} is not public.",
                "make the struct and the types around it public; devices cannot call other code");
    }
}
