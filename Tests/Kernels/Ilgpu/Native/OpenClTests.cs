using System.Reflection;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>Every kernel that an OpenCL device may be given compiles to OpenCL C, without a device.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class OpenClTests
{
    /// <summary>Only what plans give to devices with tensor cores is left out: its instructions are NVIDIA's.</summary>
    private static IEnumerable<TestCaseData> Kernels() => KernelCatalog.CasesOnce().Where(
        test => !((MethodInfo)test.Arguments[0]!).DeclaringType!.Name.Contains("Mma", StringComparison.Ordinal));

    [TestCaseSource(nameof(Kernels))]
    public void A_kernel_compiles_to_OpenCL_C(MethodInfo kernel)
    {
        string source = KernelCompiler.OpenClC(kernel);
        Assert.That(source, Does.Contain("kernel void"));
    }
}
