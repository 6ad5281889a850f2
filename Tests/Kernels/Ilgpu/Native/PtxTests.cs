using System.Reflection;
using AutogradCore.Kernels.Ilgpu;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>Every kernel compiles to PTX for the GPUs in use, without a GPU.</summary>
public sealed class PtxTests
{
    private const int StaticSharedLimit = 48 * 1024;

    private static IEnumerable<TestCaseData> Kernels() => KernelCatalog.All().Select(kernel => new TestCaseData(kernel)
        .SetArgDisplayNames(AutogradCore.Kernels.KernelName.Of(kernel)));

    [TestCaseSource(nameof(Kernels))]
    public void A_kernel_compiles_to_PTX_that_calls_nothing_unknown(MethodInfo kernel)
    {
        foreach (CudaArchitecture architecture in new[] { CudaArchitecture.SM_80, CudaArchitecture.SM_90 })
        {
            string ptx = Compile(kernel, architecture);
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

    /// <summary>A context per kernel: a failed compilation spoils it for later ones.</summary>
    internal static string Compile(MethodInfo kernel, CudaArchitecture architecture)
    {
        using Context context = IlgpuContext.Create();
        using PTXBackend backend = new(
            context, new CudaCapabilityContext(architecture), architecture, CudaInstructionSet.ISA_78, null);
        EntryPointDescription entry = EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
        return ((PTXCompiledKernel)backend.Compile(entry, LaunchBounds.Of(kernel))).PTXAssembly;
    }

    private static int SharedBytes(string ptx) => System.Text.RegularExpressions.Regex
        .Matches(ptx, @"(?<!extern )\.shared[^\n]*\.b(\d+)[^\n\[]*\[(\d+)\]")
        .Sum(m => int.Parse(m.Groups[1].Value) / 8 * int.Parse(m.Groups[2].Value));
}
