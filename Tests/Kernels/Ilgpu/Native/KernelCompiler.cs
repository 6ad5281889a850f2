using System.Collections.Concurrent;
using System.Reflection;
using AutogradCore.Kernels.Ilgpu;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>Compiles kernels without a device, each once for an architecture.</summary>
/// <remarks>Each thread keeps one context for all its kernels: a context takes longer to make than most kernels take to compile.
/// A failed compilation spoils a context for later ones, so the next kernel has a new one.</remarks>
internal static class KernelCompiler
{
    private static readonly ConcurrentDictionary<(MethodInfo, CudaArchitecture), Lazy<string>> Known = new();

    [ThreadStatic]
    private static Context? s_context;

    /// <summary>The PTX of a kernel for an architecture.</summary>
    public static string Ptx(MethodInfo kernel, CudaArchitecture architecture) =>
        Known.GetOrAdd((kernel, architecture), _ => new(() => Compiled(kernel, architecture))).Value;

    /// <summary>The OpenCL C of a kernel.</summary>
    public static string OpenClC(MethodInfo kernel) => With(context =>
    {
        CLCapabilityContext capabilities = new(
            float16: false, float64: true, genericAddressSpace: true, int64_Atomics: true, subGroups: true);
        using CLBackend backend = new(context, capabilities, CLDeviceVendor.Intel, CLCVersion.CL30);
        return ((CLCompiledKernel)backend.Compile(Entry(kernel), default(KernelSpecialization))).Source;
    });

    private static string Compiled(MethodInfo kernel, CudaArchitecture architecture) => With(context =>
    {
        using PTXBackend backend = new(
            context, new CudaCapabilityContext(architecture), architecture, CudaInstructionSet.ISA_78, null);
        return ((PTXCompiledKernel)backend.Compile(Entry(kernel), LaunchBounds.Of(kernel))).PTXAssembly;
    });

    private static EntryPointDescription Entry(MethodInfo kernel) => EntryPointDescription.FromExplicitlyGroupedKernel(kernel);

    private static string With(Func<Context, string> compile)
    {
        try
        {
            return compile(s_context ??= IlgpuContext.Create());
        }
        catch
        {
            s_context?.Dispose();
            s_context = null;
            throw;
        }
    }
}
