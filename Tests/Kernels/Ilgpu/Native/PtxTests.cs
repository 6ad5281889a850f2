using System.Reflection;
using AutogradCore.Tests.Backends;
using ILGPU.Runtime.Cuda;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>Every kernel compiles to PTX for the GPUs in use, without a GPU.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class PtxTests
{
    private const int StaticSharedLimit = 48 * 1024;

    [TestCaseSource(typeof(KernelCatalog), nameof(KernelCatalog.Cases))]
    public void A_kernel_compiles_to_PTX_that_calls_nothing_unknown(MethodInfo kernel) => Check(kernel, CudaArchitecture.SM_90);

    [TestCaseSource(typeof(KernelCatalog), nameof(KernelCatalog.All)), Category(BackendCases.Exhaustive)]
    public void A_kernel_compiles_for_the_oldest_GPU_with_its_instructions(MethodInfo kernel) =>
        Check(kernel, CudaArchitecture.SM_80);

    [TestCaseSource(nameof(Small))]
    public void A_form_of_a_small_kernel_compiles_for_the_oldest_GPU(MethodInfo kernel) => Check(kernel, CudaArchitecture.SM_80);

    /// <summary>One form of each: ILGPU targets sm_80 for either GPU.</summary>
    private static IEnumerable<MethodInfo> Small() => KernelCatalog.All().Where(kernel => !KernelCatalog.IsLarge(kernel))
        .DistinctBy(kernel => kernel.DeclaringType!.Name);

    private static void Check(MethodInfo kernel, CudaArchitecture architecture)
    {
        string ptx = KernelCompiler.Ptx(kernel, architecture);
        Assert.That(ptx, Does.Contain(".target sm_80"));
        Assert.That(ptx.Contains(".extern .func"), Is.False, "an unresolved call");
        Assert.That(SharedBytes(ptx), Is.LessThanOrEqualTo(StaticSharedLimit), "static shared memory");
        Assert.That(ptx.Contains(".local "), Is.False, "arrays in local memory");
        if (Ptxas.IsHere) RequireAssembled(ptx, architecture);
    }

    private static void RequireAssembled(string ptx, CudaArchitecture architecture)
    {
        PtxasReport report = Ptxas.Assemble(ptx, architecture);
        TestContext.Out.WriteLine($"{architecture}: {report}");
        if (Environment.GetEnvironmentVariable("PTX_OUT") is { } folder)
            File.AppendAllText(Path.Combine(folder, "ptxas"),
                $"{architecture} {report.Registers} {report.SharedBytes} {report.StackBytes} {report.SpilledBytes} "
                + $"{TestContext.CurrentContext.Test.Arguments[0]} {TestContext.CurrentContext.Test.Name}\n");
        Assert.That(report.StackBytes, Is.Zero, "local memory");
    }

    private static int SharedBytes(string ptx) => System.Text.RegularExpressions.Regex
        .Matches(ptx, @"(?<!extern )\.shared[^\n]*\.b(\d+)[^\n\[]*\[(\d+)\]")
        .Sum(m => int.Parse(m.Groups[1].Value) / 8 * int.Parse(m.Groups[2].Value));
}
