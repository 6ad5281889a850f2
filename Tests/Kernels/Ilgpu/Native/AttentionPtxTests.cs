using System.Text.RegularExpressions;
using AutogradCore.Kernels.Ilgpu;
using AutogradCore.Tests.Backends;
using ILGPU.Runtime.Cuda;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>What attention by tiles becomes: wide accesses, and sums that never leave the registers.</summary>
[Parallelizable(ParallelScope.All)]
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
        string ptx = Save(kernel, KernelCompiler.Ptx(kernel.GetMethod("Run")!, CudaArchitecture.SM_90));
        Assert.That(ptx, Does.Not.Contain(".local"));
        Assert.That(ptx, Does.Contain("ld.global.v4").And.Contain("st.global.v4").And.Contain("st.shared.v4"));
        Assert.That(Regex.Count(ptx, @"fma\.rn\.f32"), Is.EqualTo(8 * 32 * dots + 9 * 8 * features + 32),
            "eight features of dot products written out, eight rows of mixtures, one row behind a mask, and one for each weight");
    }

    /// <summary>A kernel, and whether it has a second product of tiles, of rows that may lie in shared memory.</summary>
    private static readonly (Type Kernel, bool HasSecond)[] OnTensorCores =
    [
        (typeof(AttentionMmaKernel<,,,,>), false),
        (typeof(AttentionQueryGradientMmaKernel<,,,,>), true),
        (typeof(AttentionKeyGradientMmaKernel<,,,,>), true),
        (typeof(AttentionValueGradientMmaKernel<,,,,>), false),
        (typeof(AttentionPairGradientMmaKernel<,,,>), true),
    ];

    /// <summary>Each kernel with narrow heads and, but for pairs, with wide ones, of which the default run takes one.</summary>
    private static IEnumerable<TestCaseData> Heads(bool preferred) =>
        from kernel in OnTensorCores
        let isPairs = kernel.Kernel == typeof(AttentionPairGradientMmaKernel<,,,>)
        from isWide in isPairs ? new[] { false } : [false, true]
        let test = new TestCaseData(kernel.Kernel, isWide, kernel.HasSecond)
        select isPairs || isWide == preferred ? test : test.SetCategory(BackendCases.Exhaustive);

    private static IEnumerable<TestCaseData> NarrowFirst => Heads(preferred: false);

    private static IEnumerable<TestCaseData> WideFirst => Heads(preferred: true);

    [TestCaseSource(nameof(NarrowFirst))]
    public void Fragments_stay_in_registers_from_one_product_to_the_next(Type kernel, bool isWide, bool hasSecond)
    {
        string ptx = Compile<BFloat16Format, ThroughRegisters, float, FloatStorage>(kernel, isWide);
        CheckProducts(ptx, kernel, isWide, hasSecond);
        Assert.That(ptx, Does.Contain("ld.global.v4").And.Contain("st.global.v2").And.Contain("st.shared.v2"));
        Assert.That(ptx, Does.Not.Contain("cp.async"));
    }

    /// <summary>Operands that are bf16 in memory: two panels of a block are four copies a lane, of wide heads eight. They stand
    /// in the walk once and before it twice, and once more for each set of outer rows.</summary>
    [TestCaseSource(nameof(WideFirst))]
    public void Rows_that_are_copied_pass_the_registers_and_meet_one_barrier_a_block(Type kernel, bool isWide, bool hasSecond)
    {
        string ptx = Compile<BFloat16Format, CopiedAhead, ushort, BFloat16Storage>(kernel, isWide);
        CheckProducts(ptx, kernel, isWide, hasSecond);
        int outer = hasSecond ? 2 : 1;
        Assert.That(Regex.Count(ptx, @"cp\.async\.cg\.shared\.global [^\n]*, 16, "),
            Is.EqualTo((isWide ? 8 : 4) * (3 + outer)));
        Assert.That(Regex.Count(ptx, @"cp\.async\.commit_group"), Is.EqualTo(3 + outer));
        Assert.That(Regex.Count(ptx, @"cp\.async\.wait_group 0"), Is.EqualTo(1), "for the outer rows");
        Assert.That(Regex.Count(ptx, @"cp\.async\.wait_group 1"), Is.EqualTo(1), "a block");
        Assert.That(Regex.Count(ptx, @"bar\.sync"), Is.EqualTo(2), "one for the outer rows and one a block");
        Assert.That(Regex.Count(ptx, @"(ld|st)\.shared\.v4"), Is.EqualTo(4), "behind the mask, 16 bytes of each panel");
        (int vectors, int reads) = Columns(kernel);
        Assert.That(Regex.Count(ptx, @"cp\.async\.ca\.shared\.global [^\n]*, 4, "), Is.EqualTo(3 * vectors), "log-sums, deltas");
        Assert.That(Regex.Count(ptx, @"(ld|st)\.shared\.\w?32"), Is.EqualTo(8 * reads), "two columns of each fragment");
        if (vectors > 0) Assert.That(ptx, Does.Not.Contain("ld.global.f32"));
        Assert.That(Regex.Count(ptx, @"^\.extern \.shared \.align 16 ", RegexOptions.Multiline), Is.EqualTo(1), "dynamic");
        int wait = ptx.IndexOf("wait_group 1", StringComparison.Ordinal);
        int barrier = ptx.IndexOf("bar.sync", wait, StringComparison.Ordinal);
        int copy = ptx.IndexOf("cp.async.cg", wait, StringComparison.Ordinal);
        int load = ptx.IndexOf("ldmatrix", wait, StringComparison.Ordinal);
        Assert.That(wait, Is.LessThan(barrier));
        Assert.That(barrier, Is.LessThan(copy).And.LessThan(load), "what is there for others, and whose place is free");
    }

    [TestCaseSource(nameof(NarrowFirst))]
    public void In_TF32_fragments_become_factors_without_a_shuffle(Type kernel, bool isWide, bool hasSecond)
    {
        string ptx = Compile<TensorFloat32Format, ThroughRegisters, float, FloatStorage>(kernel, isWide);
        int unrolled = isWide ? 16 : 8, looped = hasSecond ? 2 : 0, eights = Eights(kernel, isWide);
        Assert.That(ptx, Does.Not.Contain(".local"));
        Assert.That(ptx, Does.Contain("ld.global.v4").And.Contain("st.global.v2").And.Contain("st.shared.v4"));
        Assert.That(Regex.Count(ptx, @"mma\.sync\.aligned\.m16n8k8\.row\.col\.f32\.tf32"),
            Is.EqualTo(4 * (unrolled + looped) + 4 * eights), "four columns of fragments; four eights of the inner rows");
        Assert.That(Regex.Count(ptx, @"ldmatrix\.[^\n]*x4\.shared"),
            Is.EqualTo(3 * unrolled + (isWide ? 2 : 3) * looped), "one for outer rows, two for inner rows");
        Assert.That(Regex.Count(ptx, @"ld\.shared\.b32|ld\.shared\.u32"), Is.EqualTo(8 * eights), "inner rows that are mixed");
        bool isForward = kernel == typeof(AttentionMmaKernel<,,,,>);
        Assert.That(Regex.Count(ptx, @"shfl\."), Is.EqualTo(isForward ? 4 + 2 : 0), "sums of rows, and nothing else");
    }

    /// <summary>The products of a kernel in bf16: those of the first outer rows are written out, those of the second are a
    /// loop.</summary>
    private static void CheckProducts(string ptx, Type kernel, bool isWide, bool hasSecond)
    {
        int unrolled = isWide ? 8 : 4, looped = hasSecond ? 2 : 0, eights = Eights(kernel, isWide);
        Assert.That(ptx, Does.Not.Contain(".local"));
        Assert.That(Regex.Count(ptx, @"mma\.sync\.aligned\.m16n8k16\.row\.col\.f32\.bf16"),
            Is.EqualTo(4 * (unrolled + looped) + 2 * eights), "four columns of fragments; two halves of the inner rows");
        Assert.That(Regex.Count(ptx, @"ldmatrix\.[^\n]*x4\.shared"), Is.EqualTo(3 * (unrolled + looped)),
            "one for outer rows, two for inner rows");
        Assert.That(Regex.Count(ptx, @"ldmatrix\.[^\n]*\.trans"), Is.EqualTo(eights), "inner rows that are mixed");
    }

    /// <summary>How many vectors of the queries a kernel has for columns, where a log-sum is two floats, and how often it reads
    /// one: once each, and behind the mask two once more where both panels are mixed.</summary>
    private static (int Vectors, int Reads) Columns(Type kernel) =>
        kernel == typeof(AttentionKeyGradientMmaKernel<,,,,>) ? (3, 3)
        : kernel == typeof(AttentionPairGradientMmaKernel<,,,>) ? (3, 5)
        : kernel == typeof(AttentionValueGradientMmaKernel<,,,,>) ? (2, 2) : default;

    /// <summary>The eights of features that are mixed.</summary>
    private static int Eights(Type kernel, bool isWide) =>
        isWide || kernel == typeof(AttentionPairGradientMmaKernel<,,,>) ? 16 : 8;

    private static string Compile<TFormat, TStaging, TStored, TStorage>(Type kernel, bool isWide)
    {
        Type[] rest = [typeof(TFormat), typeof(TStaging), typeof(TStored), typeof(TStorage)];
        Type width = isWide ? typeof(AttentionWide) : typeof(AttentionNarrow);
        Type closed = kernel.MakeGenericType(kernel.GetGenericArguments().Length == rest.Length ? rest : [width, .. rest]);
        return Save(closed, KernelCompiler.Ptx(closed.GetMethod("Run")!, CudaArchitecture.SM_90));
    }

    private static string Save(Type kernel, string ptx)
    {
        string name = KernelName.Of(kernel.GetMethod("Run")!);
        TestContext.Out.WriteLine($"{name}: {ptx.Split('\n').Length} lines");
        if (Environment.GetEnvironmentVariable("PTX_OUT") is { } folder)
            File.WriteAllText(Path.Combine(folder, string.Concat(name.Split(Path.GetInvalidFileNameChars())) + ".ptx"), ptx);
        return ptx;
    }
}
