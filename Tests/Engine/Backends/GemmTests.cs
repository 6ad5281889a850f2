using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

public sealed class GemmTests(BackendCase on) : BackendTests(on)
{
    private static readonly (int M, int K, int N)[] Sizes =
        [(0, 3, 2), (2, 0, 3), (3, 2, 0), (1, 1, 1), (1, 33, 1), (31, 32, 33), (33, 31, 32), (5, 64, 1), (1, 7, 17),
        (4, 1, 70), (9, 2, 17), (3, 8, 35)];

    [Test]
    public void Gemm_is_the_sum_of_products_for_every_layout_of_its_factors(
        [Values(Layout.Dense, Layout.Transposed, Layout.Padded)] Layout layoutA,
        [Values(Layout.Dense, Layout.Transposed, Layout.Padded)] Layout layoutB)
    {
        foreach ((int m, int k, int n) in Sizes)
        {
            double[] a = Values(m * k), b = Values(k * n), bias = Values(n);
            View va = Place([m, k], a, layoutA), vb = Place([k, n], b, layoutB), vBias = Place([n], bias);
            Check([m, n], Product(a, b, m, k, n), c => B.Gemm(va, vb, c), $"K = {k}");
            Check([m, n], Product(a, b, m, k, n, bias), c => B.Gemm(va, vb, c, vBias), $"bias, K = {k}");
        }
    }

    [Test]
    public void Factors_repeat_along_outer_axes_that_they_lack_or_have_of_length_one()
    {
        (int m, int k, int n) = (3, 4, 5);
        double[] a = Values(2 * m * k), b = Values(3 * k * n);
        View va = Place([2, 1, m, k], a), vb = Place([3, k, n], b, Layout.Transposed);
        List<Expected> expected = [];
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 3; j++)
                expected.AddRange(Product(a[(i * m * k)..], b[(j * k * n)..], m, k, n));
        Check([2, 3, m, n], [.. expected], c => B.Gemm(va, vb, c));
        View repeated = va.BroadcastTo([2, 3, m, k]), stretched = vb.BroadcastTo([2, 3, k, n]);
        Check([2, 3, m, n], [.. expected], c => B.Gemm(repeated, stretched, c), "stride 0");
    }

    [Test]
    public void GemmSum_has_the_bits_of_one_Gemm_per_term()
    {
        (int m, int k, int n) = (31, 33, 32);
        GemmTerm[] terms =
            [.. Enumerable.Range(0, 3).Select(_ => new GemmTerm(Place([k, m], Values(k * m)).T, Place([k, n], Values(k * n))))];
        double[] old = Values(m * n);
        foreach (bool adds in new[] { false, true })
        {
            View together = Place([m, n], old), apart = Place([m, n], old);
            B.GemmSum(terms, adds ? AddTo(together) : Into(together));
            for (int i = 0; i < terms.Length; i++)
                B.Gemm(terms[i].A, terms[i].B, adds || i > 0 ? AddTo(apart) : Into(apart));
            SameBits(Read(together), Read(apart), adds ? "added" : "into");
        }
    }

    [Test]
    public void A_residual_is_added_last_in_the_bits_of_a_separate_sum()
    {
        foreach ((int m, int k, int n) in Sizes)
            foreach (bool adds in new[] { false, true })
            {
                double[] old = Values(m * n);
                View a = Place([m, k], Values(m * k)), b = Place([n, k], Values(n * k)).T, bias = Place([n], Values(n));
                View residual = Place([m, n], Values(m * n)), together = Place([m, n], old), apart = Place([m, n], old);
                B.Gemm(a, b, adds ? AddTo(together) : Into(together), bias, residual);
                B.Gemm(a, b, adds ? AddTo(apart) : Into(apart), bias);
                B.Copy(residual, AddTo(apart));
                SameBits(Read(together), Read(apart), $"{m}x{k}x{n}, {(adds ? "added" : "into")}");
            }
    }

    [Test]
    public void GemmMap_has_the_bits_of_the_product_and_of_the_function_of_it()
    {
        foreach ((int m, int k, int n) in Sizes)
        {
            View a = Place([m, k], Values(m * k)), b = Place([n, k], Values(n * k)).T, bias = Place([n], Values(n));
            View c = Blank([m, n]), y = Blank([m, n]), product = Blank([m, n]), mapped = Blank([m, n]);
            B.GemmMap<GeluTanh.Function>(a, b, bias, c, y);
            B.Gemm(a, b, Into(product), bias);
            B.Map<GeluTanh.Function>(product, Into(mapped));
            SameBits(Read(c), Read(product), $"product {m}x{k}x{n}");
            SameBits(Read(y), Read(mapped), $"function {m}x{k}x{n}");
        }
    }

    [Test]
    public void GemmMap_and_residuals_work_along_outer_axes()
    {
        (int m, int k, int n) = (5, 7, 6);
        View a = Place([3, m, k], Values(3 * m * k)), b = Place([3, k, n], Values(3 * k * n)),
             r = Place([3, m, n], Values(3 * m * n));
        View c = Blank([3, m, n]), y = Blank([3, m, n]), product = Blank([3, m, n]), expected = Blank([3, m, n]);
        B.Gemm(a, b, Into(product));
        B.GemmMap<Relu.Function>(a, b, default, c, y);
        B.Map<Relu.Function>(product, Into(expected));
        SameBits(Read(y), Read(expected), "function");
        B.Gemm(a, b, Into(c), default, r);
        B.Copy(r, AddTo(product));
        SameBits(Read(c), Read(product), "residual");
    }

    [Test]
    public void GemmSum_also_sums_the_rows_of_its_first_factors(
        [Values(Layout.Dense, Layout.Transposed, Layout.Padded)] Layout layout)
    {
        foreach ((int m, int k, int n) in Sizes)
            foreach (int terms in new[] { 1, 3 })
            {
                double[][] a = [.. Enumerable.Range(0, terms).Select(_ => Values(m * k))];
                GemmTerm[] all = [.. a.Select(x => new GemmTerm(Place([m, k], x, layout), Place([k, n], Values(k * n))))];
                Expected[] sums = new Expected[m];
                for (int i = 0; i < m; i++)
                {
                    Total total = default;
                    foreach (double[] x in a)
                        for (int j = 0; j < k; j++) total.Add(x[i * k + j]);
                    sums[i] = total.Expected;
                }
                View c = Blank([m, n]);
                Check([m], sums, y => B.GemmSum(all, Into(c), y), $"{terms} of {m}x{k}x{n}");
            }
    }

    [Test]
    public void Row_sums_have_the_same_bits_in_one_call_and_term_by_term()
    {
        (int m, int k, int n) = (70, 33, 32);
        GemmTerm[] terms =
            [.. Enumerable.Range(0, 3).Select(_ => new GemmTerm(Place([k, m], Values(k * m)).T, Place([k, n], Values(k * n))))];
        View c = Blank([m, n]), together = Blank([m]), apart = Blank([m]);
        B.GemmSum(terms, Into(c), Into(together));
        for (int i = 0; i < terms.Length; i++) B.GemmSum([terms[i]], Into(c), i > 0 ? AddTo(apart) : Into(apart));
        SameBits(Read(together), Read(apart), "row sums");
    }

    [Test]
    public void GemmSum_of_no_terms_is_zero() => Check([2, 3], new Expected[6], c => B.GemmSum([], c));

    [Test]
    public void A_NaN_in_a_row_reaches_that_row_only_even_times_zero()
    {
        View a = Place([2, 2], [double.NaN, 1, 1, 1]), b = Place([2, 2], [0, 0, 1, 1]), c = Blank([2, 2]);
        B.Gemm(a, b, Into(c));
        Assert.That(Read(c), Is.EqualTo(new[] { double.NaN, double.NaN, 1, 1 }));
    }

    private static Expected[] Product(double[] a, double[] b, int m, int k, int n, double[]? bias = null)
    {
        Expected[] c = new Expected[m * n];
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++)
            {
                Total total = default;
                for (int t = 0; t < k; t++) total.Add(a[i * k + t] * b[t * n + j]);
                if (bias is not null) total.Add(bias[j]);
                c[i * n + j] = total.Expected;
            }
        return c;
    }
}
