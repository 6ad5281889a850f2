using System.Text.RegularExpressions;
using AutogradCore.Kernels.Ilgpu;
using ILGPU.Runtime.Cuda;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>What the fast rungs of the matrix product become: wide accesses, and sums that never leave the registers.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class GemmPtxTests
{
    private static string Save(string name, string ptx)
    {
        TestContext.Out.WriteLine($"{name}: {ptx.Split('\n').Length} lines");
        if (Environment.GetEnvironmentVariable("PTX_OUT") is { } folder)
            File.WriteAllText(Path.Combine(folder, name + ".ptx"), ptx);
        return ptx;
    }

    [Test]
    public void The_register_rung_moves_sixteen_bytes_at_a_time_and_keeps_64_sums_in_registers()
    {
        string ptx = Save("register", KernelCompiler.Ptx(
            typeof(RegisterGemmKernel<Unmapped, float>).GetMethod("Run")!, CudaArchitecture.SM_90));
        Assert.That(ptx, Does.Not.Contain(".local"));
        Assert.That(ptx, Does.Contain("ld.global.v4").And.Contain("st.global.v4").And.Contain("st.shared.v4"));
        Assert.That(Regex.Count(ptx, @"ld\.shared\.v4"), Is.EqualTo(4 * 8), "four loads for each of eight steps of K");
        Assert.That(Regex.Count(ptx, @"fma\.rn\.f32"), Is.EqualTo(64 * 8), "64 multiply-adds a step");
        Assert.That(ptx, Does.Contain(".maxntid 256, 1, 1").And.Contain(".minnctapersm 2"));
    }

    [Test]
    public void Factors_that_are_BFloat16_in_memory_go_into_shared_memory_sixteen_bytes_at_a_time_and_unconverted()
    {
        string ptx = Save("rounded", KernelCompiler.Ptx(
            typeof(MmaGemmKernel<Unmapped, ushort, RoundedStage, ushort, BFloat16Storage, RoundedPanel<AlongDepth>,
                RoundedPanel<AlongOuter>>).GetMethod("Run")!, CudaArchitecture.SM_90));
        Assert.That(ptx, Does.Not.Contain(".local"));
        Assert.That(Regex.Count(ptx, @"ld\.global\.v4"), Is.EqualTo(8), "two for each factor, before and in the loop");
        Assert.That(Regex.Count(ptx, @"st\.shared\.v4"), Is.EqualTo(8), "the same");
        Assert.That(ptx, Does.Not.Contain("cvt.rn.bf16x2"));
        Assert.That(Regex.Count(ptx, @"mma\.sync\.aligned\.m16n8k16\.row\.col\.f32"), Is.EqualTo(32), "16 for each half");
        Assert.That(Regex.Count(ptx, @"ldmatrix\.sync\.aligned\.m8n8\.x4"), Is.EqualTo(12), "6 for each half of a round");
    }

    [Test]
    public void Floats_are_rounded_to_BFloat16_on_their_way_into_shared_memory()
    {
        string ptx = Save("bf16", KernelCompiler.Ptx(
            typeof(MmaGemmKernel<Unmapped, float, MmaStage, float, FloatStorage, MmaPanel<AlongDepth>, MmaPanel<AlongOuter>>)
                .GetMethod("Run")!, CudaArchitecture.SM_90));
        Assert.That(ptx, Does.Not.Contain(".local"));
        Assert.That(ptx, Does.Contain("ld.global.v4").And.Contain("st.global.v2").And.Contain("st.shared.v2"));
        Assert.That(Regex.Count(ptx, @"mma\.sync\.aligned\.m16n8k16\.row\.col\.f32"), Is.EqualTo(32), "16 for each half");
        Assert.That(Regex.Count(ptx, @"ldmatrix\.sync\.aligned\.m8n8\.x4"), Is.EqualTo(12), "6 for each half of a round");
        Assert.That(Regex.Count(ptx, @"ldmatrix\.[^\n]*\.trans"), Is.EqualTo(4), "the factor that lies across");
    }
}
