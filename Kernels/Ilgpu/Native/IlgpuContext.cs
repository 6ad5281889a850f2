using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>ILGPU as the kernels need it: optimised, with its algorithms, and with functions of our own where its are too
/// coarse.</summary>
internal static class IlgpuContext
{
    /// <summary>A context that sees CUDA, OpenCL and ILGPU's simulator with warps of eight.</summary>
    public static Context Create()
    {
        NativeLibraries.Install();
        DeviceFunctions.Install();
        Context context = Context.Create(builder => builder
            .EnableAlgorithms()
            .Optimize(OptimizationLevel.O2)
            .CPU(new CPUDevice(numThreadsPerWarp: 8, numWarpsPerMultiprocessor: 4, numMultiprocessors: 1))
            .Cuda()
            .OpenCL());
        CodeGeneration.Install(context);
        return context;
    }
}
