using System.Text.RegularExpressions;
using AutogradCore.Kernels.Ilgpu;
using AutogradCore.Tests.Backends;
using ILGPU.Runtime.Cuda;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>What products whose factors are copied ahead become: copies past the registers, in the order in which the C# has
/// them, and one barrier a round.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class AsyncGemmPtxTests
{
    [TestCase(false, false, false, Category = BackendCases.Exhaustive)]
    [TestCase(false, false, true, Category = BackendCases.Exhaustive)]
    [TestCase(false, true, false)]
    [TestCase(false, true, true, Category = BackendCases.Exhaustive)]
    [TestCase(true, false, true)]
    public void BFloat16_factors_reach_the_fragments_as_they_are(bool isWide, bool acrossA, bool acrossB)
    {
        string ptx = isWide ? Compile<ushort, BFloat16Format, BFloat16Storage, WideInFour>(acrossA, acrossB)
            : Compile<ushort, BFloat16Format, BFloat16Storage, SquareInThree>(acrossA, acrossB);
        int columns = isWide ? 2 : 1;
        Check(ptx, isWide, "m16n8k16.row.col.f32.bf16.bf16.f32");
        Assert.That(Regex.Count(ptx, @"ldmatrix\.sync\.aligned\.m8n8\.x4"), Is.EqualTo(2 * (4 + 2 * columns)), "two halves");
        Assert.That(Regex.Count(ptx, @"ldmatrix\.[^\n]*\.trans"),
            Is.EqualTo((acrossA ? 8 : 0) + (acrossB ? 4 * columns : 0)), "factors that lie across");
        Assert.That(ptx, Does.Not.Contain("cvt.rn").And.Not.Contain("cp.async.ca").And.Not.Contain("st.shared"));
    }

    [TestCase(false, false, false, Category = BackendCases.Exhaustive)]
    [TestCase(false, false, true, Category = BackendCases.Exhaustive)]
    [TestCase(false, true, false)]
    [TestCase(false, true, true, Category = BackendCases.Exhaustive)]
    [TestCase(true, false, true)]
    public void Floats_are_rounded_in_fragments_and_nowhere_else(bool isWide, bool acrossA, bool acrossB)
    {
        string ptx = isWide ? Compile<float, TensorFloat32Format, FloatStorage, WideInFour>(acrossA, acrossB)
            : Compile<float, TensorFloat32Format, FloatStorage, SquareInThree>(acrossA, acrossB);
        int columns = isWide ? 2 : 1, left = 2 * 4, right = 2 * 2 * columns;
        Check(ptx, isWide, "m16n8k8.row.col.f32.tf32.tf32.f32");
        Assert.That(Regex.Count(ptx, @"cvt\.rna\.tf32\.f32"), Is.EqualTo(4 * (left + right)), "each word of each fragment");
        Assert.That(Regex.Count(ptx, @"ldmatrix\.sync\.aligned\.m8n8\.x4\.shared"),
            Is.EqualTo((acrossA ? 0 : left) + (acrossB ? 0 : right)), "factors along K");
        Assert.That(Regex.Count(ptx, @"ld\.shared\.b32"),
            Is.EqualTo(4 * ((acrossA ? left : 0) + (acrossB ? right : 0))), "factors that lie across");
        Assert.That(Regex.Count(ptx, @"cp\.async\.ca\.shared\.global [^\n]*, 4, "),
            Is.EqualTo(4 * Copies(isWide)), "where nothing is aligned, in fours");
        Assert.That(ptx, Does.Not.Contain("st.shared"));
    }

    /// <summary>Copies of 16 bytes a lane starts, in the loop and before it.</summary>
    private static int Copies(bool isWide) => 2 * (2 + (isWide ? 4 : 2));

    private static void Check(string ptx, bool isWide, string form)
    {
        Assert.That(ptx, Does.Not.Contain(".local"));
        Assert.That(ptx.Contains(".minnctapersm 2", StringComparison.Ordinal), Is.Not.EqualTo(isWide), "groups that must fit");
        Assert.That(Regex.Count(ptx, $@"mma\.sync\.aligned\.{Regex.Escape(form)}"), Is.EqualTo(isWide ? 64 : 32));
        Assert.That(Regex.Count(ptx, @"cp\.async\.cg\.shared\.global [^\n]*, 16, "), Is.EqualTo(Copies(isWide)));
        Assert.That(Regex.Count(ptx, @"bar\.sync"), Is.EqualTo(2), "before a term and in each round");
        Assert.That(Regex.Count(ptx, @"cp\.async\.commit_group;"), Is.EqualTo(2), "before the loop and in it");
        Assert.That(ptx, Does.Match($@"cp\.async\.wait_group {(isWide ? 2 : 1)};\s+bar\.sync\s+0;"), "wait, then meet");
        Assert.That(Regex.Count(ptx, "wait_group"), Is.EqualTo(1));
        string loop = ptx[ptx.IndexOf("cp.async.wait_group", StringComparison.Ordinal)..];
        Match branch = Regex.Match(loop, @"bar\.sync\s+0;[^@]*@%p\d+ bra\.uni\s+(L_\d+);\s+(L_\d+):\s+cp\.async\.commit_group;");
        Assert.That(branch.Success, "copies after the barrier, if K goes on; then, at once, their group");
        Assert.That(
            loop.IndexOf("ldmatrix", StringComparison.Ordinal), Is.Not.InRange(0, branch.Index), "nothing is read before");
        if (form.Contains("tf32", StringComparison.Ordinal)) return; // two ways to copy, in blocks of their own
        string copies = loop[loop.IndexOf($"{branch.Groups[1].Value}:\n", StringComparison.Ordinal)..];
        copies = copies[..Regex.Match(copies, $@"bra(\.uni)?\s+{branch.Groups[2].Value};").Index];
        Assert.That(Regex.Count(copies, @"cp\.async\.cg"), Is.EqualTo(Copies(isWide) / 2));
        Assert.That(copies, Does.Not.Contain("ldmatrix").And.Not.Contain("mma.sync"));
        Assert.That(Regex.Matches(copies, "@%p[0-9]+ bra(?!.uni)"), Is.Empty, "no lane leaves the others");
    }

    private static string Compile<TFactor, TFormat, TStorage, TShape>(bool acrossA, bool acrossB)
    {
        Type stored = typeof(TStorage) == typeof(FloatStorage) ? typeof(float) : typeof(ushort);
        Type kernel = typeof(AsyncMmaGemmKernel<,,,,,,,>).MakeGenericType(typeof(Unmapped), typeof(TFactor), typeof(TFormat),
            stored, typeof(TStorage), typeof(TShape), Form(acrossA), Form(acrossB));
        string ptx = KernelCompiler.Ptx(kernel.GetMethod("Run")!, CudaArchitecture.SM_90);
        string name = $"async-{typeof(TFormat).Name}-{typeof(TShape).Name}-{Form(acrossA).Name}-{Form(acrossB).Name}";
        TestContext.Out.WriteLine($"{name}: {ptx.Split('\n').Length} lines");
        if (Environment.GetEnvironmentVariable("PTX_OUT") is { } folder)
            File.WriteAllText(Path.Combine(folder, name + ".ptx"), ptx);
        return ptx;
    }

    private static Type Form(bool isAcross) => isAcross ? typeof(AlongOuter) : typeof(AlongDepth);
}
