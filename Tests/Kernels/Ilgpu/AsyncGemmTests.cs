extern alias simt;

using AutogradCore.Tests.Backends;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Ilgpu;
using simt::AutogradCore.Kernels.Simt;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Products whose factors are copied ahead, on emulated warps of 32: the bits of the rungs with two buffers.</summary>
[Parallelizable]
public sealed class AsyncGemmTests
{
    private const int ManyRounds = 129;

    private static readonly (int M, int K, int N)[] Awkward =
    [
        (1, 7, 33), (31, 1, 130), (33, 31, 7), (127, 33, 1), (128, 127, 31), (129, 8, 127), (7, 130, 128), (130, 64, 1),
    ];

    private readonly Dictionary<(int M, int K, int N), float[]> _twoBuffers = [];
    private SimtBackend _backend = null!;

    [TearDown]
    public void Close() => _backend?.Dispose();

    /// <summary>Every kernel takes one awkward size, all of them over the kernels; each orientation of either factor once has
    /// more rounds than places. The rung with two buffers multiplies each size once: the bits do not depend on the
    /// orientation.</summary>
    [Test]
    public void BFloat16_factors_give_the_bits_of_two_buffers([Values] bool isWide, [Values] bool acrossA, [Values] bool acrossB)
    {
        foreach ((int m, int k, int n) in Covering(isWide ? 4 : 0, isWide, acrossA, acrossB, hasRing: true, 32))
        {
            if (!_twoBuffers.TryGetValue((m, k, n), out float[]? staged))
                _twoBuffers[(m, k, n)] = staged = Product(GemmRung.BFloat16, isWide, m, k, n, acrossA, acrossB, isAligned: true);
            float[] ahead = Product(GemmRung.AsyncBFloat16, isWide, m, k, n, acrossA, acrossB, isAligned: true);
            Assert.That(ahead, Is.EqualTo(staged).And.None.NaN, $"{m}x{k}x{n}");
        }
    }

    [Test, Category(BackendCases.Exhaustive)]
    public void BFloat16_factors_of_every_size_give_the_bits_of_two_buffers_in_their_orientation(
        [Values] bool isWide, [Values] bool acrossA, [Values] bool acrossB)
    {
        foreach ((int m, int k, int n) in Sizes(isWide, acrossA, acrossB))
        {
            float[] ahead = Product(GemmRung.AsyncBFloat16, isWide, m, k, n, acrossA, acrossB, isAligned: true);
            float[] staged = Product(GemmRung.BFloat16, isWide, m, k, n, acrossA, acrossB, isAligned: true);
            Assert.That(ahead, Is.EqualTo(staged).And.None.NaN, $"{m}x{k}x{n}");
        }
    }

    /// <summary>Every kernel takes an awkward size, aligned and not, all of them over the kernels; each orientation of either
    /// factor once has more rounds than places.</summary>
    [Test]
    public void Floats_are_rounded_to_TF32_in_registers_as_they_would_be_on_their_way(
        [Values] bool isWide, [Values] bool acrossA, [Values] bool acrossB, [Values] bool isAligned) =>
        CheckRounding(isWide, acrossA, acrossB, isAligned,
            Covering(isWide || isAligned ? 0 : 4, isWide, acrossA, acrossB, isAligned, 16));

    [Test, Category(BackendCases.Exhaustive)]
    public void Floats_are_rounded_to_TF32_in_registers_at_every_size(
        [Values] bool isWide, [Values] bool acrossA, [Values] bool acrossB, [Values] bool isAligned) =>
        CheckRounding(isWide, acrossA, acrossB, isAligned, Sizes(isWide, acrossA, acrossB));

    [Test]
    public void Orders_of_warps_give_the_same_bits([Values] bool isWide)
    {
        (int m, int k, int n) = Ring(isWide, 32);
        float[] first = Product(GemmRung.AsyncBFloat16, isWide, m, k, n, false, false, true);
        float[] drawn = Product(GemmRung.AsyncBFloat16, isWide, m, k, n, false, false, true, seed: 3);
        Assert.That(drawn, Is.EqualTo(first));
    }

    [Test]
    public void Factors_go_ahead_where_they_are_aligned()
    {
        using SimtDevice device = new(new SimtOptions { WarpSize = 32 });
        Assert.That(GemmPlan.ChooseRounded(device, 64, 64, true, isAligned: true), Is.EqualTo(GemmRung.AsyncBFloat16));
        Assert.That(GemmPlan.ChooseRounded(device, 64, 64, true, isAligned: false), Is.EqualTo(GemmRung.BFloat16));
        Assert.That(GemmPlan.ChooseRounded(device, 64, 64, false, isAligned: false), Is.Null);
    }

    [Test]
    public void Groups_are_wide_where_the_device_lends_the_memory_and_C_has_the_columns()
    {
        using SimtDevice large = new(), small = new(new SimtOptions { OptInSharedBytes = AsyncGemm<WideInFour>.Bytes - 1 });
        Assert.That(GemmPlan.IsWide(small, 256, 256, 1), Is.False);
        Assert.That(GemmPlan.IsWide(large, 256, 256, 1), Is.True);
        Assert.That(GemmPlan.IsWide(large, 256, 128, 1), Is.False);
        Assert.That(AsyncGemm<SquareInThree>.Bytes, Is.LessThanOrEqualTo(small.MaxSharedBytes).And.EqualTo(48 * 1024));
        Assert.That(GemmPlan.Shape<WideInFour>(129, 257, 3), Is.EqualTo(new LaunchShape(2, 256, 2, 3, 96 * 1024)));
    }

    /// <summary>One of four awkward sizes, and the ring where both factors lie alike, so that each has either orientation
    /// there.</summary>
    private static (int M, int K, int N)[] Covering(
        int first, bool isWide, bool acrossA, bool acrossB, bool hasRing, int depthStep)
    {
        (int M, int K, int N) awkward = Awkward[first + Form(acrossA, acrossB)];
        return hasRing && acrossA == acrossB ? [awkward, Ring(isWide, depthStep)] : [awkward];
    }

    private static int Form(bool acrossA, bool acrossB) => (acrossA ? 2 : 0) + (acrossB ? 1 : 0);

    /// <summary>One round more than there are places in shared memory, of one step of K.</summary>
    private static (int M, int K, int N) Ring(bool isWide, int depthStep) =>
        isWide ? (33, WideInFour.Rounds * depthStep + 1, 130) : (33, SquareInThree.Rounds * depthStep + 1, 33);

    /// <summary>Two awkward sizes for each orientation, and one whose rounds take every place several times.</summary>
    private static (int M, int K, int N)[] Sizes(bool isWide, bool acrossA, bool acrossB)
    {
        int i = Form(acrossA, acrossB);
        return isWide ? [Awkward[i + 1], (33, ManyRounds, 130)] : [Awkward[i], Awkward[i + 4], (33, ManyRounds, 33)];
    }

    private void CheckRounding(
        bool isWide, bool acrossA, bool acrossB, bool isAligned, IEnumerable<(int M, int K, int N)> sizes)
    {
        foreach ((int m, int k, int n) in sizes)
        {
            float[] a = GemmLadderProblem.Values(m * k, 1), b = GemmLadderProblem.Values(k * n, 2);
            float[] c = Product(GemmRung.TensorFloat32, isWide, m, k, n, acrossA, acrossB, isAligned);
            Assert.That(c, Is.EqualTo(Instructions(a, b, m, k, n)), $"{m}x{k}x{n}");
        }
    }

    /// <summary>What a chain of <c>mma.m16n8k8</c> makes of factors rounded beforehand: eight steps of K at a time, their sum
    /// rounded once.</summary>
    private static float[] Instructions(float[] a, float[] b, int m, int k, int n)
    {
        float[] c = new float[m * n];
        for (int row = 0; row < m; row++)
            for (int column = 0; column < n; column++)
            {
                float sum = 0;
                for (int first = 0; first < k; first += 8)
                {
                    double eight = sum;
                    for (int i = first; i < Math.Min(first + 8, k); i++)
                        eight += (double)Rounded(a[row * k + i]) * Rounded(b[i * n + column]);
                    sum = (float)eight;
                }
                c[row * n + column] = sum;
            }
        return c;
    }

    private static float Rounded(float x) => BitConverter.UInt32BitsToSingle(TensorCore.ToTensorFloat32(x));

    private float[] Product(GemmRung rung, bool isWide, int m, int k, int n, bool acrossA, bool acrossB, bool isAligned,
        ulong? seed = null)
    {
        int shared = isWide ? AsyncGemm<WideInFour>.Bytes : AsyncGemm<SquareInThree>.Bytes;
        _backend?.Dispose();
        _backend = new(new SimtDevice(new SimtOptions { WarpSize = 32, OptInSharedBytes = shared, WarpOrderSeed = seed }))
        { ForcedRung = rung };
        bool isRounded = rung != GemmRung.TensorFloat32;
        using Tensor a = Matrix(GemmLadderProblem.Values(m * k, 1), m, k, acrossA, isAligned, isRounded, out View left);
        using Tensor b = Matrix(GemmLadderProblem.Values(k * n, 2), k, n, !acrossB, isAligned, isRounded, out View right);
        using Tensor c = new(_backend, [m, n], DType.Float32);
        _backend.Gemm(left, right, Into(c.View));
        return c.ToArray<float>();
    }

    /// <summary>A matrix whose rows in memory start at multiples of 16 bytes, with numbers between them that must not be felt; or
    /// else one element further.</summary>
    private Tensor Matrix(
        float[] values, int rows, int columns, bool isTransposed, bool isAligned, bool isRounded, out View view)
    {
        (int outer, int inner) = isTransposed ? (columns, rows) : (rows, columns);
        int pitch = (inner + 7) / 8 * 8 + 8, shift = isAligned ? 0 : 1;
        float[] padded = [.. Enumerable.Repeat(float.NaN, outer * pitch)];
        for (int i = 0; i < outer; i++)
            for (int j = 0; j < inner; j++)
                padded[i * pitch + shift + j] = isTransposed ? values[j * columns + i] : values[i * columns + j];
        Tensor tensor = new(_backend, [outer, pitch], isRounded ? DType.BFloat16 : DType.Float32);
        if (isRounded) tensor.CopyFrom<BFloat16>(Array.ConvertAll(padded, x => (BFloat16)x));
        else tensor.CopyFrom<float>(padded);
        view = tensor.View.Slice(1, shift, inner);
        if (isTransposed) view = view.T;
        return tensor;
    }
}
