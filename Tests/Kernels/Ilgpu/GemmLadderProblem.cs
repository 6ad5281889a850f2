using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>A product of random matrices, row-major, and the bound that its result is held to.  A:[M,K]  B:[K,N]</summary>
internal sealed class GemmLadderProblem(float[] a, float[] b, int m, int k, int n)
{
    public GemmLadderProblem(int m, int k, int n, int seed = 1) : this(Values(m * k, seed), Values(k * n, seed + 1), m, k, n)
    {
    }

    /// <summary>Two rounds of K in rows that start at multiples of 16 bytes, whatever is transposed.</summary>
    private static readonly (int M, int K, int N) Even = (24, 40, 16);

    public float[] A => a;

    public float[] B => b;

    /// <summary>Standard normals of a seed.</summary>
    public static float[] Values(int count, int seed)
    {
        double[] values = new double[count];
        RandomStream.Named("gemm ladder", (ulong)seed).FillNormal(values, 1);
        return [.. values.Select(x => (float)x)];
    }

    /// <summary>A few of five awkward sizes for one form of a product: over the forms each size occurs, each form meets two of
    /// them, and where it is aligned one that is so throughout.</summary>
    public static (int M, int K, int N)[] Covering(
        (int M, int K, int N)[] sizes, bool transposeA, bool transposeB, bool isAligned)
    {
        int form = (transposeA ? 2 : 0) + (transposeB ? 1 : 0);
        return isAligned ? [sizes[form], Even] : [sizes[form + 1]];
    }

    /// <summary>|C - A·B| within k·u·|A||B| of the sums in float, plus twice the rounding of the factors.</summary>
    /// <param name="c">The result.</param>
    /// <param name="unit">The unit roundoff of the factors, 0 where they are exact.</param>
    /// <param name="context">For the message.</param>
    public void Check(float[] c, double unit, string context)
    {
        Assert.That(c, Has.Length.EqualTo(m * n), context);
        for (int row = 0; row < m; row++)
            for (int column = 0; column < n; column++)
            {
                double sum = 0, absolute = 0;
                for (int i = 0; i < k; i++)
                {
                    double term = (double)a[row * k + i] * b[i * n + column];
                    (sum, absolute) = (sum + term, absolute + Math.Abs(term));
                }
                double allowed = (k * Math.ScaleB(1, -24) + 2.01 * unit) * absolute;
                Assert.That(Math.Abs(c[row * n + column] - sum), Is.LessThanOrEqualTo(allowed),
                    $"{context}, element {row}, {column}");
            }
    }
}
