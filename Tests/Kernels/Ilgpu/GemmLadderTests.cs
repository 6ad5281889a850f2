extern alias simt;

using AutogradCore.Tests.Backends;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Ilgpu;
using simt::AutogradCore.Kernels.Simt;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Every rung of the matrix product, forced, on emulated warps of 32: each form, awkward sizes, whatever is added on the
/// way.</summary>
[Parallelizable]
public sealed class GemmLadderTests
{
    private static readonly (int M, int K, int N)[] Small = [(1, 1, 1), (1, 33, 2), (31, 32, 33), (5, 0, 7), (33, 31, 32)];
    private static readonly (int M, int K, int N)[] Large = [(1, 1, 1), (31, 32, 33), (5, 0, 7), (130, 9, 4), (33, 40, 132)];

    private readonly List<Tensor> _tensors = [];
    private SimtBackend _backend = null!;

    private static string[] Rungs => [.. Enum.GetNames<GemmRung>().Where(rung => rung != nameof(GemmRung.AsyncBFloat16))];

    [TearDown]
    public void Close() => Release();

    [Test]
    public void A_rung_multiplies_every_form_within_the_bound_of_its_rounding(
        [ValueSource(nameof(Rungs))] string rung, [Values] bool transposeA, [Values] bool transposeB, [Values] bool isAligned) =>
        CheckProducts(
            rung, transposeA, transposeB, isAligned,
            GemmLadderProblem.Covering(IsBig(rung) ? Large : Small, transposeA, transposeB, isAligned));

    [Test, Category(BackendCases.Exhaustive)]
    public void A_rung_multiplies_every_form_at_every_size_within_the_bound_of_its_rounding(
        [ValueSource(nameof(Rungs))] string rung, [Values] bool transposeA, [Values] bool transposeB, [Values] bool isAligned) =>
        CheckProducts(rung, transposeA, transposeB, isAligned, IsBig(rung) ? Large : Small);

    [Test]
    public void Old_values_bias_and_residual_are_added_in_order(
        [ValueSource(nameof(Rungs))] string rung, [Values] bool isAligned)
    {
        Open(rung);
        (int m, int k, int n) = (36, 20, 40);
        GemmLadderProblem problem = new(m, k, n);
        float[] old = GemmLadderProblem.Values(m * n, 3), bias = GemmLadderProblem.Values(n, 4);
        float[] rest = GemmLadderProblem.Values(m * n, 5);
        View a = Matrix(problem.A, m, k, false, isAligned), b = Matrix(problem.B, k, n, true, isAligned);
        View bare = Vector(new float[m * n], isAligned).Reshape([m, n]), c = Vector(old, isAligned).Reshape([m, n]);
        _backend.Gemm(a, b, Into(bare));
        _backend.Gemm(a, b, AddTo(c), Vector(bias, isAligned), Vector(rest, isAligned).Reshape([m, n]));
        float[] sums = Read(bare);
        Assert.That(Read(c), Is.EqualTo(sums.Select((sum, i) => old[i] + sum + bias[i % n] + rest[i])));
    }

    [Test]
    public void The_function_is_applied_to_the_finished_product([ValueSource(nameof(Rungs))] string rung, [Values] bool isAligned)
    {
        Open(rung);
        (int m, int k, int n) = (33, 17, 36);
        GemmLadderProblem problem = new(m, k, n);
        View a = Matrix(problem.A, m, k, true, isAligned), b = Matrix(problem.B, k, n, false, isAligned);
        View bias = Vector(GemmLadderProblem.Values(n, 4), isAligned);
        View c = Vector(new float[m * n], isAligned).Reshape([m, n]), y = Vector(new float[m * n], isAligned).Reshape([m, n]);
        View plain = Vector(new float[m * n], isAligned).Reshape([m, n]);
        _backend.GemmMap<Relu.Function>(a, b, bias, c, y);
        _backend.Gemm(a, b, Into(plain), bias);
        Assert.That(Read(c), Is.EqualTo(Read(plain)));
        Assert.That(Read(y), Is.EqualTo(Read(plain).Select(x => Math.Max(x, 0))));
    }

    /// <summary>A first, a middle and a last term; where that is cheap, more than one launch takes.</summary>
    [Test]
    public void A_sum_over_terms_has_the_bits_of_one_product_after_another([ValueSource(nameof(Rungs))] string rung) =>
        CheckSum(rung, IsOnTensorCores(rung) ? 3 : 10);

    [Test, Category(BackendCases.Exhaustive)]
    public void A_sum_over_more_terms_than_a_launch_takes_has_the_bits_of_one_product_after_another(
        [ValueSource(nameof(Rungs))] string rung) => CheckSum(rung, 10);

    [Test]
    public void Batches_repeat_a_factor_that_they_share([ValueSource(nameof(Rungs))] string rung)
    {
        Open(rung);
        (int m, int k, int n) = (33, 8, 36);
        GemmLadderProblem first = new(m, k, n, 1), second = new(m, k, n, 2);
        View a = Vector([.. first.A, .. second.A], true).Reshape([2, m, k]), b = Vector(first.B, true).Reshape([k, n]);
        View c = Vector(new float[2 * m * n], true).Reshape([2, m, n]);
        _backend.Gemm(a, b, Into(c));
        float[] result = Read(c);
        first.Check(result[..(m * n)], Unit(rung), "first");
        new GemmLadderProblem(second.A, first.B, m, k, n).Check(result[(m * n)..], Unit(rung), "second");
    }

    [Test]
    public void Runs_and_orders_of_warps_give_the_same_bits([ValueSource(nameof(Rungs))] string rung)
    {
        (int m, int k, int n) = (33, 20, 34);
        GemmLadderProblem problem = new(m, k, n);
        float[]? expected = null;
        foreach (ulong? seed in new ulong?[] { null, null, 1, 2 })
        {
            Open(rung, seed);
            View c = Vector(new float[m * n], true).Reshape([m, n]);
            _backend.Gemm(Matrix(problem.A, m, k, false, true), Matrix(problem.B, k, n, false, true), Into(c));
            float[] result = Read(c);
            Assert.That(result, Is.EqualTo(expected ??= result), $"seed {seed}");
            Release();
        }
    }

    [Test]
    public void Rungs_without_tensor_cores_give_the_same_numbers()
    {
        (int m, int k, int n) = (33, 70, 34);
        GemmLadderProblem problem = new(m, k, n);
        List<float[]> results = [];
        foreach (string rung in new[] { nameof(GemmRung.Naive), nameof(GemmRung.Tiled), nameof(GemmRung.Register) })
        {
            Open(rung);
            View c = Vector(new float[m * n], true).Reshape([m, n]);
            _backend.Gemm(Matrix(problem.A, m, k, false, true), Matrix(problem.B, k, n, true, true), Into(c));
            results.Add(Read(c));
            Release();
        }
        Assert.That(results, Is.All.EqualTo(results[0]));
    }

    private void CheckProducts(
        string rung, bool transposeA, bool transposeB, bool isAligned, IEnumerable<(int M, int K, int N)> sizes)
    {
        Open(rung);
        foreach ((int m, int k, int n) in sizes)
        {
            GemmLadderProblem problem = new(m, k, n);
            View a = Matrix(problem.A, m, k, transposeA, isAligned), b = Matrix(problem.B, k, n, transposeB, isAligned);
            View c = Vector(new float[m * n], isAligned).Reshape([m, n]);
            _backend.Gemm(a, b, Into(c));
            problem.Check(Read(c), Unit(rung), $"{m}x{k}x{n}");
        }
    }

    private void CheckSum(string rung, int count)
    {
        Open(rung);
        (int m, int k, int n) = (18, 3, 20);
        GemmTerm[] terms = [.. Enumerable.Range(0, count)
            .Select(i => Term(new GemmLadderProblem(m, k + i, n, 10 * i), m, k + i, n))];
        View together = Vector(new float[m * n], true).Reshape([m, n]), apart = Vector(new float[m * n], true).Reshape([m, n]);
        View sums = Vector(new float[m], true), sumsApart = Vector(new float[m], true);
        _backend.GemmSum(terms, Into(together), Into(sums));
        for (int i = 0; i < terms.Length; i++)
        {
            _backend.Gemm(terms[i].A, terms[i].B, i == 0 ? Into(apart) : AddTo(apart));
            _backend.GemmSum(
                [terms[i]], Into(Vector(new float[m * n], true).Reshape([m, n])), i == 0 ? Into(sumsApart) : AddTo(sumsApart));
        }
        Assert.That(Read(together), Is.EqualTo(Read(apart)));
        Assert.That(Read(sums), Is.EqualTo(Read(sumsApart)));
    }

    private static double Unit(string rung) => rung switch
    {
        nameof(GemmRung.BFloat16) => Math.ScaleB(1, -8),
        nameof(GemmRung.TensorFloat32) => Math.ScaleB(1, -11),
        _ => 0,
    };

    private static bool IsOnTensorCores(string rung) => Unit(rung) > 0;

    private static bool IsBig(string rung) => rung is not (nameof(GemmRung.Naive) or nameof(GemmRung.Tiled));

    private GemmTerm Term(GemmLadderProblem problem, int m, int k, int n) =>
        new(Matrix(problem.A, m, k, true, true), Matrix(problem.B, k, n, false, true));

    private void Open(string rung, ulong? warpOrderSeed = null) => _backend = new SimtBackend(
        new SimtDevice(new SimtOptions { WarpSize = 32, WarpOrderSeed = warpOrderSeed }))
    { ForcedRung = Enum.Parse<GemmRung>(rung) };

    private void Release()
    {
        _tensors.ForEach(tensor => tensor.Dispose());
        _tensors.Clear();
        _backend?.Dispose();
    }

    /// <summary>A dense vector, at a multiple of 16 bytes or one element beyond.</summary>
    private View Vector(float[] values, bool isAligned)
    {
        int shift = isAligned ? 0 : 1;
        Tensor tensor = new(_backend, [values.Length + shift]);
        _tensors.Add(tensor);
        tensor.CopyFrom<float>([.. new float[shift], .. values]);
        return tensor.View.Slice(0, shift, values.Length);
    }

    private View Matrix(float[] values, int rows, int columns, bool isTransposed, bool isAligned)
    {
        if (!isTransposed) return Vector(values, isAligned).Reshape([rows, columns]);
        float[] turned = new float[values.Length];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) turned[j * rows + i] = values[i * columns + j];
        return Vector(turned, isAligned).Reshape([columns, rows]).T;
    }

    private float[] Read(View view)
    {
        float[] values = new float[view.Shape.ElementCount];
        _backend.Download<float>(view, values);
        return values;
    }
}
