using System.Text.RegularExpressions;
using AutogradCore.Kernels.Ilgpu;
using ILGPU.Runtime.Cuda;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>What attention by tiles becomes: wide accesses, and sums that never leave the registers.</summary>
public sealed class AttentionPtxTests
{
    /// <summary>A kernel, its chains of dot products, and its mixtures of rows.</summary>
    private static readonly object[] Tiled =
    [
        new object[] { typeof(AttentionTiledKernel<AttentionNarrow>), 1, 4 },
        new object[] { typeof(AttentionTiledKernel<AttentionWide>), 1, 8 },
        new object[] { typeof(AttentionQueryGradientTiledKernel<AttentionNarrow>), 2, 4 },
        new object[] { typeof(AttentionQueryGradientTiledKernel<AttentionWide>), 2, 8 },
        new object[] { typeof(AttentionKeyGradientTiledKernel<AttentionNarrow>), 2, 4 },
        new object[] { typeof(AttentionKeyGradientTiledKernel<AttentionWide>), 2, 8 },
        new object[] { typeof(AttentionValueGradientTiledKernel<AttentionNarrow>), 1, 4 },
        new object[] { typeof(AttentionValueGradientTiledKernel<AttentionWide>), 1, 8 },
        new object[] { typeof(AttentionPairGradientTiledKernel), 2, 8 },
    ];

    [TestCaseSource(nameof(Tiled))]
    public void Tiles_stay_in_registers_and_move_sixteen_bytes_at_a_time(Type kernel, int dots, int features)
    {
        string ptx = Save(kernel, PtxTests.Compile(kernel.GetMethod("Run")!, CudaArchitecture.SM_90));
        Assert.That(ptx, Does.Not.Contain(".local"));
        Assert.That(ptx, Does.Contain("ld.global.v4").And.Contain("st.global.v4").And.Contain("st.shared.v4"));
        Assert.That(Regex.Count(ptx, @"fma\.rn\.f32"), Is.EqualTo(8 * 32 * dots + 9 * 8 * features),
            "eight features of dot products written out, eight rows of mixtures, and one row behind a mask");
    }

    /// <summary>A kernel, the blocks of sixteen features whose products of tiles are written out and those in a loop, and the
    /// eights of features that are mixed.</summary>
    private static readonly object[] OnTensorCores =
    [
        new object[] { typeof(AttentionMmaKernel<AttentionNarrow, BFloat16Format, float, FloatStorage>), 4, 0, 8 },
        new object[] { typeof(AttentionMmaKernel<AttentionWide, BFloat16Format, float, FloatStorage>), 8, 0, 16 },
        new object[] { typeof(AttentionQueryGradientMmaKernel<AttentionNarrow, BFloat16Format, float, FloatStorage>), 4, 2, 8 },
        new object[] { typeof(AttentionQueryGradientMmaKernel<AttentionWide, BFloat16Format, float, FloatStorage>), 8, 2, 16 },
        new object[] { typeof(AttentionKeyGradientMmaKernel<AttentionNarrow, BFloat16Format, float, FloatStorage>), 4, 2, 8 },
        new object[] { typeof(AttentionKeyGradientMmaKernel<AttentionWide, BFloat16Format, float, FloatStorage>), 8, 2, 16 },
        new object[] { typeof(AttentionValueGradientMmaKernel<AttentionNarrow, BFloat16Format, float, FloatStorage>), 4, 0, 8 },
        new object[] { typeof(AttentionValueGradientMmaKernel<AttentionWide, BFloat16Format, float, FloatStorage>), 8, 0, 16 },
        new object[] { typeof(AttentionPairGradientMmaKernel<BFloat16Format, float, FloatStorage>), 4, 2, 16 },
    ];

    [TestCaseSource(nameof(OnTensorCores))]
    public void Fragments_stay_in_registers_from_one_product_to_the_next(Type kernel, int unrolled, int looped, int eights)
    {
        string ptx = Save(kernel, PtxTests.Compile(kernel.GetMethod("Run")!, CudaArchitecture.SM_90));
        Assert.That(ptx, Does.Not.Contain(".local"));
        Assert.That(ptx, Does.Contain("ld.global.v4").And.Contain("st.global.v2").And.Contain("st.shared.v2"));
        Assert.That(Regex.Count(ptx, @"mma\.sync\.aligned\.m16n8k16\.row\.col\.f32\.bf16"),
            Is.EqualTo(4 * (unrolled + looped) + 2 * eights), "four columns of fragments; two halves of the inner rows");
        Assert.That(Regex.Count(ptx, @"ldmatrix\.[^\n]*x4\.shared"), Is.EqualTo(3 * (unrolled + looped)),
            "one for outer rows, two for inner rows");
        Assert.That(Regex.Count(ptx, @"ldmatrix\.[^\n]*\.trans"), Is.EqualTo(eights), "inner rows that are mixed");
    }

    /// <summary>The same in TF32, by eights of features, and whether a second set of outer rows lies in shared memory.</summary>
    private static readonly object[] InTensorFloat32 =
    [
        new object[] { typeof(AttentionMmaKernel<AttentionNarrow, TensorFloat32Format, float, FloatStorage>), 8, 0, 8, false },
        new object[] { typeof(AttentionMmaKernel<AttentionWide, TensorFloat32Format, float, FloatStorage>), 16, 0, 16, false },
        new object[]
        {
            typeof(AttentionQueryGradientMmaKernel<AttentionNarrow, TensorFloat32Format, float, FloatStorage>), 8, 2, 8, true,
        },
        new object[]
        {
            typeof(AttentionQueryGradientMmaKernel<AttentionWide, TensorFloat32Format, float, FloatStorage>), 16, 2, 16, false,
        },
        new object[]
        {
            typeof(AttentionKeyGradientMmaKernel<AttentionNarrow, TensorFloat32Format, float, FloatStorage>), 8, 2, 8, true,
        },
        new object[]
        {
            typeof(AttentionKeyGradientMmaKernel<AttentionWide, TensorFloat32Format, float, FloatStorage>), 16, 2, 16, false,
        },
        new object[]
        {
            typeof(AttentionValueGradientMmaKernel<AttentionNarrow, TensorFloat32Format, float, FloatStorage>), 8, 0, 8, false,
        },
        new object[]
        {
            typeof(AttentionValueGradientMmaKernel<AttentionWide, TensorFloat32Format, float, FloatStorage>), 16, 0, 16, false,
        },
        new object[] { typeof(AttentionPairGradientMmaKernel<TensorFloat32Format, float, FloatStorage>), 8, 2, 16, true },
    ];

    [TestCaseSource(nameof(InTensorFloat32))]
    public void In_TF32_fragments_become_factors_without_a_shuffle(
        Type kernel, int unrolled, int looped, int eights, bool holdsSecond)
    {
        string ptx = Save(kernel, PtxTests.Compile(kernel.GetMethod("Run")!, CudaArchitecture.SM_90));
        Assert.That(ptx, Does.Not.Contain(".local"));
        Assert.That(ptx, Does.Contain("ld.global.v4").And.Contain("st.global.v2").And.Contain("st.shared.v4"));
        Assert.That(Regex.Count(ptx, @"mma\.sync\.aligned\.m16n8k8\.row\.col\.f32\.tf32"),
            Is.EqualTo(4 * (unrolled + looped) + 4 * eights), "four columns of fragments; four eights of the inner rows");
        Assert.That(Regex.Count(ptx, @"ldmatrix\.[^\n]*x4\.shared"),
            Is.EqualTo(3 * unrolled + (holdsSecond ? 3 : 2) * looped), "one for outer rows, two for inner rows");
        Assert.That(Regex.Count(ptx, @"ld\.shared\.b32|ld\.shared\.u32"), Is.EqualTo(8 * eights), "inner rows that are mixed");
        bool isForward = kernel.Name.StartsWith("AttentionMma", StringComparison.Ordinal);
        Assert.That(Regex.Count(ptx, @"shfl\."), Is.EqualTo(isForward ? 4 + 2 : 0), "sums of rows, and nothing else");
    }

    private static string Save(Type kernel, string ptx)
    {
        string name = AutogradCore.Kernels.KernelName.Of(kernel.GetMethod("Run")!);
        TestContext.Out.WriteLine($"{name}: {ptx.Split('\n').Length} lines");
        if (Environment.GetEnvironmentVariable("PTX_OUT") is { } folder)
            File.WriteAllText(Path.Combine(folder, string.Concat(name.Split(Path.GetInvalidFileNameChars())) + ".ptx"), ptx);
        return ptx;
    }
}
