extern alias simt;

using System.Numerics;
using AutogradCore.Tests.Backends;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Ilgpu;
using simt::AutogradCore.Kernels.Simt;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Products of factors that are BFloat16 in memory, on each of their rungs, on emulated warps of 32.</summary>
[Parallelizable]
public sealed class RoundedGemmTests
{
    private static readonly (int M, int K, int N)[] Sizes = [(1, 1, 1), (31, 32, 33), (5, 0, 7), (130, 9, 4), (40, 48, 136)];

    private readonly List<Tensor> _tensors = [];
    private SimtBackend _backend = null!;

    private static GemmRung[] Rungs => [GemmRung.Naive, GemmRung.BFloat16, GemmRung.AsyncBFloat16];

    /// <summary>Factors that are not aligned go through registers on either rung of tensor cores, which one rung shows.</summary>
    private static IEnumerable<TestCaseData> Forms =>
        from rung in Rungs
        from form in Enumerable.Range(0, 8)
        let isAligned = form < 4
        select LadderCase.Of(isAligned || rung != GemmRung.AsyncBFloat16 || form == 4,
            rung, (form & 2) != 0, (form & 1) != 0, isAligned);

    /// <summary>Either way of beginning a sum, on one rung of tensor cores each and on the one without.</summary>
    private static IEnumerable<TestCaseData> Sums =>
        from rung in Rungs
        from adds in new[] { false, true }
        select LadderCase.Of(rung == GemmRung.Naive || adds == (rung == GemmRung.AsyncBFloat16), rung, adds);

    [TearDown]
    public void Close()
    {
        _tensors.ForEach(tensor => tensor.Dispose());
        _tensors.Clear();
        _backend?.Dispose();
    }

    [TestCaseSource(nameof(Forms))]
    public void A_product_of_any_form_is_the_sum_in_floats_as_it_is_and_rounded(
        object rung, bool transposeA, bool transposeB, bool isAligned) =>
        CheckProducts((GemmRung)rung, transposeA, transposeB, isAligned,
            GemmLadderProblem.Covering(Sizes, transposeA, transposeB, isAligned));

    [Test, Category(BackendCases.Exhaustive)]
    public void A_product_of_any_form_and_size_is_the_sum_in_floats_as_it_is_and_rounded(
        [ValueSource(nameof(Rungs))] object rung, [Values] bool transposeA, [Values] bool transposeB, [Values] bool isAligned) =>
        CheckProducts((GemmRung)rung, transposeA, transposeB, isAligned, Sizes);

    [Test]
    public void Factors_in_memory_and_floats_rounded_on_their_way_have_the_same_bits(
        [Values(GemmRung.BFloat16, GemmRung.AsyncBFloat16)] object forced)
    {
        Open((GemmRung)forced);
        (int m, int k, int n) = (40, 40, 24);
        float[] left = Values(m * k, 1), right = Values(k * n, 2);
        View direct = Floats(new float[m * n]).Reshape([m, n]), staged = Floats(new float[m * n]).Reshape([m, n]);
        _backend.Gemm(Matrix(left, m, k, false), Matrix(right, k, n, false), Into(direct));
        _backend.Gemm(Floats(left).Reshape([m, k]), Floats(right).Reshape([k, n]), Into(staged));
        Assert.That(Read(direct), Is.EqualTo(Read(staged)));
    }

    [Test]
    public void Old_values_and_bias_are_added_in_floats_and_a_residual_to_what_was_rounded(
        [ValueSource(nameof(Rungs))] object rung, [Values] bool isAligned)
    {
        Open((GemmRung)rung);
        (int m, int k, int n) = (36, 24, 40);
        float[] old = Values(m * n, 3), bias = [.. Values(n, 4).Select(v => v * 1.0001f)], rest = Values(m * n, 5);
        View a = Matrix(Values(m * k, 1), m, k, false, isAligned), b = Matrix(Values(k * n, 2), k, n, true, isAligned);
        View bare = Floats(new float[m * n], isAligned).Reshape([m, n]), c = Rounded(old, isAligned).Reshape([m, n]);
        View mapped = Rounded(new float[m * n], isAligned).Reshape([m, n]);
        View y = Rounded(new float[m * n], isAligned).Reshape([m, n]);
        _backend.Gemm(a, b, Into(bare));
        _backend.Gemm(a, b, AddTo(c), Floats(bias, isAligned), Rounded(rest, isAligned).Reshape([m, n]));
        float[] sums = Read(bare);
        Assert.That(ReadRounded(c), Is.EqualTo(sums.Select((sum, i) => Round(Round(old[i] + sum + bias[i % n]) + rest[i]))));
        _backend.GemmMap<Affine2>(a, b, Floats(bias, isAligned), mapped, y);
        Assert.That(ReadRounded(y), Is.EqualTo(ReadRounded(mapped).Select(v => Round(2.01f * v))));
    }

    /// <summary>A launch for either form, the later one with a first, a middle and a last term.</summary>
    [TestCaseSource(nameof(Sums))]
    public void A_sum_of_products_and_its_row_sums_have_the_bits_of_one_product_after_another(object rung, bool adds) =>
        CheckSum((GemmRung)rung, adds, 5);

    [Test, Category(BackendCases.Exhaustive)]
    public void A_sum_of_many_products_and_its_row_sums_have_the_bits_of_one_product_after_another(
        [ValueSource(nameof(Rungs))] object rung, [Values] bool adds) => CheckSum((GemmRung)rung, adds, 10);

    [Test]
    public void Batches_repeat_along_outer_axes([ValueSource(nameof(Rungs))] object rung)
    {
        Open((GemmRung)rung);
        (int m, int k, int n) = (24, 16, 32);
        float[] first = Values(m * k, 1), second = Values(m * k, 2), right = Values(k * n, 3);
        View a = Rounded([.. first, .. second]).Reshape([2, m, k]), b = Rounded(right).Reshape([k, n]);
        View c = Floats(new float[2 * m * n]).Reshape([2, m, n]);
        _backend.Gemm(a, b, Into(c));
        float[] result = Read(c);
        new GemmLadderProblem(first, right, m, k, n).Check(result[..(m * n)], 0, "first");
        new GemmLadderProblem(second, right, m, k, n).Check(result[(m * n)..], 0, "second");
    }

    /// <summary>2.01·x</summary>
    public readonly struct Affine2 : IUnary<Affine2>
    {
        /// <inheritdoc/>
        public static T Apply<T>(T x) where T : unmanaged, IFloatingPointIeee754<T> => T.CreateTruncating(2.01) * x;
    }

    private void CheckProducts(
        GemmRung rung, bool transposeA, bool transposeB, bool isAligned, IEnumerable<(int M, int K, int N)> sizes)
    {
        Open(rung);
        foreach ((int m, int k, int n) in sizes)
        {
            GemmLadderProblem problem = new(Values(m * k, 1), Values(k * n, 2), m, k, n);
            View a = Matrix(problem.A, m, k, transposeA, isAligned), b = Matrix(problem.B, k, n, transposeB, isAligned);
            View c = Floats(new float[m * n], isAligned).Reshape([m, n]);
            View rounded = Rounded(new float[m * n], isAligned).Reshape([m, n]);
            _backend.Gemm(a, b, Into(c));
            float[] sums = Read(c);
            problem.Check(sums, 0, $"{m}x{k}x{n}");
            _backend.Gemm(a, b, Into(rounded));
            Assert.That(ReadRounded(rounded), Is.EqualTo(sums.Select(Round)));
        }
    }

    private void CheckSum(GemmRung rung, bool adds, int count)
    {
        Open(rung);
        (int m, int k, int n) = (40, 11, 24);
        GemmTerm[] terms = [.. Enumerable.Range(0, count).Select(i => new GemmTerm(
            Matrix(Values(m * (k + i), i), m, k + i, i < count / 2), Matrix(Values((k + i) * n, 100 + i), k + i, n, false)))];
        View together = Floats(Values(m * n, 7)).Reshape([m, n]), apart = Floats(Values(m * n, 7)).Reshape([m, n]);
        View sums = Floats(Values(m, 8)), sumsApart = Floats(Values(m, 8)), unused = Floats(new float[m * n]).Reshape([m, n]);
        _backend.GemmSum(terms, adds ? AddTo(together) : Into(together), adds ? AddTo(sums) : Into(sums));
        for (int i = 0; i < terms.Length; i++)
        {
            _backend.Gemm(terms[i].A, terms[i].B, adds || i > 0 ? AddTo(apart) : Into(apart));
            _backend.GemmSum([terms[i]], Into(unused), adds || i > 0 ? AddTo(sumsApart) : Into(sumsApart));
        }
        Assert.That(Read(together), Is.EqualTo(Read(apart)));
        Assert.That(Read(sums), Is.EqualTo(Read(sumsApart)));
    }

    private static float[] Values(int count, int seed) => [.. GemmLadderProblem.Values(count, seed).Select(Round)];

    private static float Round(float x) => (float)(BFloat16)x;

    private void Open(GemmRung rung) =>
        _backend = new SimtBackend(new SimtDevice(new SimtOptions { WarpSize = 32 })) { ForcedRung = rung };

    private View Floats(float[] values, bool isAligned = true) => Place<float>(values, isAligned);

    private View Rounded(float[] values, bool isAligned = true) =>
        Place<BFloat16>(Array.ConvertAll(values, x => (BFloat16)x), isAligned);

    private View Place<T>(T[] values, bool isAligned) where T : unmanaged
    {
        int shift = isAligned ? 0 : 1;
        Tensor tensor = new(_backend, [values.Length + shift], DTypes.Of<T>());
        _tensors.Add(tensor);
        tensor.CopyFrom<T>([.. new T[shift], .. values]);
        return tensor.View.Slice(0, shift, values.Length);
    }

    private View Matrix(float[] values, int rows, int columns, bool isTransposed, bool isAligned = true)
    {
        if (!isTransposed) return Rounded(values, isAligned).Reshape([rows, columns]);
        float[] turned = new float[values.Length];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) turned[j * rows + i] = values[i * columns + j];
        return Rounded(turned, isAligned).Reshape([columns, rows]).T;
    }

    private float[] Read(View view)
    {
        float[] values = new float[view.Shape.ElementCount];
        _backend.Download<float>(view, values);
        return values;
    }

    private float[] ReadRounded(View view)
    {
        BFloat16[] values = new BFloat16[view.Shape.ElementCount];
        _backend.Download<BFloat16>(view, values);
        return Array.ConvertAll(values, x => (float)x);
    }
}
