using System.Reflection;
using ILGPU.Runtime.Cuda;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>Every kernel compiles to PTX for the GPUs in use, without a GPU.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class PtxTests
{
    private const int StaticSharedLimit = 48 * 1024;

    [TestCaseSource(typeof(KernelCatalog), nameof(KernelCatalog.Cases))]
    public void A_kernel_compiles_to_PTX_that_calls_nothing_unknown(MethodInfo kernel)
    {
        foreach (CudaArchitecture architecture in new[] { CudaArchitecture.SM_80, CudaArchitecture.SM_90 })
        {
            string ptx = KernelCompiler.Ptx(kernel, architecture);
            Assert.That(ptx.Contains(".extern .func"), Is.False, "an unresolved call");
            Assert.That(SharedBytes(ptx), Is.LessThanOrEqualTo(StaticSharedLimit), "static shared memory");
            Assert.That(ptx.Contains(".local "), Is.False, "arrays in local memory");
            if (Ptxas.IsHere) RequireAssembled(ptx, architecture);
        }
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
