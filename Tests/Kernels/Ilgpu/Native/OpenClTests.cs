using System.Reflection;
using AutogradCore.Kernels.Ilgpu;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>Every kernel that an OpenCL device may be given compiles to OpenCL C, without a device.</summary>
public sealed class OpenClTests
{
    /// <summary>Only what plans give to devices with tensor cores is left out: its instructions are NVIDIA's.</summary>
    private static IEnumerable<TestCaseData> Kernels() => KernelCatalog.All()
        .Where(kernel => !kernel.DeclaringType!.Name.Contains("Mma", StringComparison.Ordinal))
        .Select(kernel => new TestCaseData(kernel).SetArgDisplayNames(AutogradCore.Kernels.KernelName.Of(kernel)));

    [TestCaseSource(nameof(Kernels))]
    public void A_kernel_compiles_to_OpenCL_C(MethodInfo kernel)
    {
        using Context context = IlgpuContext.Create();
        CLCapabilityContext capabilities = new(
            float16: false, float64: true, genericAddressSpace: true, int64_Atomics: true, subGroups: true);
        using CLBackend backend = new(context, capabilities, CLDeviceVendor.Intel, CLCVersion.CL30);
        EntryPointDescription entry = EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
        string source = ((CLCompiledKernel)backend.Compile(entry, default(KernelSpecialization))).Source;
        Assert.That(source, Does.Contain("kernel void"));
    }
}
