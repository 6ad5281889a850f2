using AutogradCore.Kernels.Host;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Host;

[Parallelizable]
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
public sealed unsafe class GemmTests<T>
    where T : unmanaged
{
    private static readonly (int M, int N, int K)[] Shapes =
    [
        (0, 3, 2), (3, 0, 2), (3, 5, 0), (1, 1, 1), (1, 33, 7), (2, 3, 100), (3, 64, 31), (7, 31, 513), (31, 7, 33), (33, 32, 2),
        (32, 64, 64), (12, 32, 3), (100, 2, 32), (64, 100, 100), (1, 513, 64), (513, 1, 33), (31, 513, 7), (513, 33, 31),
        (40, 70, 1030), (5, 2100, 9), (260, 300, 20), (25, 1060, 70), (9, 140, 1024), (50, 530, 37),
        (29, 16, 600), (14, 8, 50), (320, 17, 40), (27, 56, 33), (250, 1030, 9),
        (9, 150, 1), (5, 130, 2), (6, 33, 3), (10, 45, 4), (17, 75, 5), (13, 31, 6), (11, 64, 8), (20, 70, 518),
    ];

    private static readonly (bool A, bool B)[] Forms = [(false, false), (false, true), (true, false), (true, true)];

    private static string[] Levels => Enum.GetNames<SimdLevel>();

    [TestCaseSource(nameof(Levels))]
    public void Every_element_follows_the_law_bit_for_bit_in_every_form_and_shape(string level)
    {
        using var pool = new WorkerPool(1);
        using var gemm = new Gemm(pool, Enum.Parse<SimdLevel>(level));
        foreach ((int m, int n, int k) in Shapes)
        {
            foreach ((Store store, bool bias) in new[] { (Store.Write, false), (Store.Write, true), (Store.Add, false) })
            {
                double fill = store == Store.Write ? double.NaN : 0.25;
                using var specification = new GemmProblem<T>(m, n, k, false, false);
                using NativeArray<T> law = specification.NewTarget(fill);
                specification.ApplyLaw(law, store, bias);
                foreach ((bool ta, bool tb) in Forms)
                {
                    using var problem = new GemmProblem<T>(m, n, k, ta, tb);
                    using NativeArray<T> c = problem.NewTarget(fill);
                    gemm.Multiply(m, n, problem.Term, problem.Into(c, store, bias));
                    Assert.That(c.SameBits(law), Is.True, $"{m}x{n}x{k} transposed {ta} {tb}, {store}, bias {bias}");
                }
            }
        }
    }

    [TestCaseSource(nameof(Levels))]
    public void A_dense_column_has_the_bits_of_one_whose_elements_lie_apart(string level)
    {
        using var pool = new WorkerPool(2);
        using var gemm = new Gemm(pool, Enum.Parse<SimdLevel>(level));
        foreach ((int m, int k) in new[] { (1, 5), (2, 0), (33, 7), (513, 33), (64, 1030), (1000, 600) })
        {
            foreach ((bool ta, bool tb) in Forms)
            {
                using var problem = new GemmProblem<T>(m, 1, k, ta, tb);
                using NativeArray<T> apart = problem.NewTarget(0.25), dense = NativeArray<T>.Filled(m, 0.25);
                gemm.Multiply(m, 1, problem.Term, problem.Into(apart, Store.Add, bias: false));
                gemm.Multiply(m, 1, problem.Term, new GemmTarget<T>(dense.Pointer, 1, Store.Add));
                for (int i = 0; i < m; i++)
                    Assert.That(dense[i], Is.EqualTo(apart[i * problem.Ldc]), $"{m}x1x{k} transposed {ta} {tb}, row {i}");
            }
        }
    }

    [TestCaseSource(nameof(Levels))]
    public void A_packed_factor_gives_the_same_bits_on_any_number_of_threads(string level)
    {
        foreach (int threads in new[] { 1, 3 })
        {
            using var pool = new WorkerPool(threads);
            using var gemm = new Gemm(pool, Enum.Parse<SimdLevel>(level));
            foreach ((int m, int n, int k) in Shapes)
            {
                using var problem = new GemmProblem<T>(m, n, k, transposeA: false, transposeB: true);
                using NativeArray<T> law = problem.NewTarget(0.25), c = problem.NewTarget(0.25);
                using NativeArray<T> panels = NativeArray<T>.Filled((int)gemm.PackedElements<T>(n, k), double.NaN);
                problem.ApplyLaw(law, Store.Add, bias: true);
                gemm.Pack(problem.Term, n, panels.Pointer);
                gemm.Multiply(m, n, problem.Term.WithPanels(panels.Pointer, n), problem.Into(c, Store.Add, bias: true));
                Assert.That(c.SameBits(law), Is.True, $"{m}x{n}x{k} on {threads} threads");
            }
        }
    }

    [TestCaseSource(nameof(Levels))]
    public void Values_are_within_the_error_bound_of_a_sum_in_double(string level)
    {
        using var pool = new WorkerPool(2);
        using var gemm = new Gemm(pool, Enum.Parse<SimdLevel>(level));
        foreach ((int m, int n, int k) in Shapes)
        {
            foreach ((bool ta, bool tb) in Forms)
            {
                using var problem = new GemmProblem<T>(m, n, k, ta, tb, seed: 5);
                using NativeArray<T> written = problem.NewTarget(double.NaN), added = problem.NewTarget(0.5);
                gemm.Multiply(m, n, problem.Term, problem.Into(written, Store.Write, bias: true));
                problem.AssertClose(written, 0, bias: true, double.NaN);
                gemm.Multiply(m, n, problem.Term, problem.Into(added, Store.Add, bias: false));
                problem.AssertClose(added, 0.5, bias: false, 0.5);
            }
        }
    }

    [TestCase(2)]
    [TestCase(3)]
    public void The_number_of_threads_does_not_change_a_bit(int threads)
    {
        using WorkerPool alone = new(1), many = new(threads);
        using Gemm one = new(alone), several = new(many);
        foreach ((int m, int n, int k) in new[] { (513, 100, 64), (100, 513, 64), (64, 64, 513), (257, 259, 1100),
            (13, 4200, 33), (1, 600, 513) })
        {
            foreach ((bool ta, bool tb) in Forms)
            {
                using var problem = new GemmProblem<T>(m, n, k, ta, tb);
                using NativeArray<T> expected = problem.NewTarget(double.NaN), c = problem.NewTarget(double.NaN);
                one.Multiply(m, n, problem.Term, problem.Into(expected, Store.Write, bias: true));
                several.Multiply(m, n, problem.Term, problem.Into(c, Store.Write, bias: true));
                Assert.That(c.SameBits(expected), Is.True, $"{m}x{n}x{k} transposed {ta} {tb}");
            }
        }
    }

    [TestCase(1, nameof(Store.Write))]
    [TestCase(3, nameof(Store.Write))]
    [TestCase(1, nameof(Store.Add))]
    [TestCase(3, nameof(Store.Add))]
    public void A_sum_over_terms_gives_the_bits_of_one_call_per_term(int threads, string how)
    {
        var store = Enum.Parse<Store>(how);
        using var pool = new WorkerPool(threads);
        using var gemm = new Gemm(pool);
        foreach ((int m, int n) in new[] { (33, 100), (2100, 31), (7, 2100), (130, 130) })
        {
            foreach (int[] lengths in new[] { new[] { 3, 0, 513 }, [0, 7, 100], [64, 64, 64], [1100, 1, 0] })
            {
                GemmProblem<T>[] parts = [.. lengths.Select((k, i) => new GemmProblem<T>(m, n, k, i % 2 == 0, i > 0, seed: i))];
                using NativeArray<T> expected = parts[0].NewTarget(0.75), c = parts[0].NewTarget(0.75);
                for (int i = 0; i < parts.Length; i++)
                    gemm.Multiply(m, n, parts[i].Term, parts[i].Into(expected, i == 0 ? store : Store.Add, bias: false));
                gemm.MultiplySum(m, n, [.. parts.Select(p => p.Term)], parts[0].Into(c, store, bias: false));
                Assert.That(c.SameBits(expected), Is.True, $"{m}x{n}, K = {string.Join(' ', lengths)}");
                foreach (GemmProblem<T> part in parts)
                    part.Dispose();
            }
        }
    }

    [Test]
    public void A_sum_over_no_terms_writes_zeros_and_adds_nothing()
    {
        using var pool = new WorkerPool(1);
        using var gemm = new Gemm(pool);
        using var c = NativeArray<T>.Filled(12, double.NaN);
        gemm.MultiplySum<T>(3, 4, [], new GemmTarget<T>(c.Pointer, 4));
        Assert.That(c.Span.ToArray(), Is.All.EqualTo(NativeArray<T>.Of(0)));
        c.Span.Fill(NativeArray<T>.Of(2));
        gemm.MultiplySum<T>(3, 4, [], new GemmTarget<T>(c.Pointer, 4, Store.Add));
        Assert.That(c.Span.ToArray(), Is.All.EqualTo(NativeArray<T>.Of(2)));
    }

    [TestCase(1, 5, 7, 9, 11)]
    [TestCase(2, 5, 7, 9, 11)]
    [TestCase(3, 2, 100, 70, 64)]
    [TestCase(3, 7, 33, 100, 20)]
    [TestCase(2, 0, 3, 3, 3)]
    public void A_batch_equals_its_products_one_by_one_and_stride_zero_repeats_a_matrix(
        int threads, int batch, int m, int n, int k)
    {
        using var pool = new WorkerPool(threads);
        using var gemm = new Gemm(pool);
        using NativeArray<T> a = NativeArray<T>.Random(Math.Max(batch, 1) * m * k, 1), b = NativeArray<T>.Random(k * n, 2);
        using NativeArray<T> expected = NativeArray<T>.Filled(batch * m * n, double.NaN),
            c = NativeArray<T>.Filled(batch * m * n, double.NaN);
        var term = new GemmTerm<T>(a.Pointer, k, false, b.Pointer, n, false, k);
        for (int i = 0; i < batch; i++)
            gemm.Multiply(m, n, term.Shift(i * m * k, 0), new GemmTarget<T>(expected.Pointer + (i * m * n), n));
        gemm.MultiplyBatch(batch, m, n, term, m * k, 0, new GemmTarget<T>(c.Pointer, n), m * n);
        Assert.That(c.SameBits(expected), Is.True);
    }

    [TestCaseSource(nameof(Levels))]
    public void NaN_and_infinity_reach_exactly_the_elements_they_belong_to(string level)
    {
        using var pool = new WorkerPool(1);
        using var gemm = new Gemm(pool, Enum.Parse<SimdLevel>(level));
        const int m = 33, n = 37, k = 5;
        using NativeArray<T> a = NativeArray<T>.Filled(m * k, 1), b = NativeArray<T>.Filled(k * n, 1),
            c = NativeArray<T>.Filled(m * n, 0);
        a.Span[(32 * k) + 2] = NativeArray<T>.Of(double.NaN);
        b.Span[(3 * n) + 36] = NativeArray<T>.Of(double.PositiveInfinity);
        gemm.Multiply(m, n, new GemmTerm<T>(a.Pointer, k, false, b.Pointer, n, false, k), new GemmTarget<T>(c.Pointer, n));
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
                Assert.That(
                    c[(i * n) + j], Is.EqualTo(i == 32 ? double.NaN : j == 36 ? double.PositiveInfinity : k), $"C[{i},{j}]");
        }
    }

    [Test]
    public void A_product_allocates_nothing_in_the_steady_state()
    {
        using var pool = new WorkerPool(2);
        using var gemm = new Gemm(pool);
        using var problem = new GemmProblem<T>(130, 130, 130, false, true);
        using NativeArray<T> c = problem.NewTarget(0);
        for (int i = 0; i < 50; i++)
            gemm.Multiply(130, 130, problem.Term, problem.Into(c, Store.Write, bias: true));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 50; i++)
            gemm.Multiply(130, 130, problem.Term, problem.Into(c, Store.Write, bias: true));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }
}
