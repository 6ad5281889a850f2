using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

public sealed class GemmTests(BackendCase on) : BackendTests(on)
{
    private static readonly (int M, int K, int N)[] Sizes =
        [(0, 3, 2), (2, 0, 3), (3, 2, 0), (1, 1, 1), (1, 33, 1), (31, 32, 33), (33, 31, 32), (5, 64, 1), (1, 7, 17)];

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
