using AutogradCore.Kernels.Host;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Host;

/// <summary>One product with random operands and padded rows, and the two references it is held to.</summary>
internal sealed unsafe class GemmProblem<T> : IDisposable
    where T : unmanaged
{
    private readonly NativeArray<T> _a, _b;
    private readonly bool _ta, _tb;
    private readonly int _lda, _ldb;
    private readonly double[] _rowsA, _columnsB;

    public GemmProblem(int m, int n, int k, bool transposeA, bool transposeB, int seed = 1)
    {
        (M, N, K, _ta, _tb) = (m, n, k, transposeA, transposeB);
        _lda = (_ta ? m : k) + 3;
        _ldb = (_tb ? k : n) + 1;
        _a = NativeArray<T>.Filled((_ta ? k : m) * _lda, double.NaN);
        _b = NativeArray<T>.Filled((_tb ? n : k) * _ldb, double.NaN);
        Bias = NativeArray<T>.Random(n, seed + 2);
        using NativeArray<T> valuesA = NativeArray<T>.Random(m * k, seed), valuesB = NativeArray<T>.Random(n * k, seed + 1);
        for (int i = 0; i < m; i++)
        {
            for (int p = 0; p < k; p++)
                _a.Span[_ta ? (p * _lda) + i : (i * _lda) + p] = valuesA.Span[(i * k) + p];
        }

        for (int j = 0; j < n; j++)
        {
            for (int p = 0; p < k; p++)
                _b.Span[_tb ? (j * _ldb) + p : (p * _ldb) + j] = valuesB.Span[(j * k) + p];
        }

        _rowsA = valuesA.ToDoubles();
        _columnsB = valuesB.ToDoubles();
    }

    public int M { get; }

    public int N { get; }

    public int K { get; }

    public int Ldc => N + 2;

    public NativeArray<T> Bias { get; }

    public GemmTerm<T> Term => new(_a.Pointer, _lda, _ta, _b.Pointer, _ldb, _tb, K);

    public static double Unit => typeof(T) == typeof(float) ? Math.Pow(2, -24) : Math.Pow(2, -53);

    public GemmTarget<T> Into(NativeArray<T> c, Store store, bool bias) => new(c.Pointer, Ldc, store, bias ? Bias.Pointer : null);

    public NativeArray<T> NewTarget(double fill) => NativeArray<T>.Filled(Math.Max(M, 1) * Ldc, fill);

    /// <summary>The law of the bits, element by element. The same for every form of one shape and seed.</summary>
    public void ApplyLaw(NativeArray<T> c, Store store, bool bias)
    {
        const int block = 512;
        for (int i = 0; i < M; i++)
        {
            for (int j = 0; j < N; j++)
            {
                ReadOnlySpan<double> a = _rowsA.AsSpan(i * K, K), b = _columnsB.AsSpan(j * K, K);
                double value = store == Store.Write ? 0 : c[(i * Ldc) + j];
                bool first = store == Store.Write;
                for (int k = 0; k < K; k += block, first = false)
                {
                    int length = Math.Min(block, K - k);
                    double sum = typeof(T) == typeof(float)
                        ? ChainSingle(a.Slice(k, length), b.Slice(k, length))
                        : ChainDouble(a.Slice(k, length), b.Slice(k, length));
                    value = first ? sum : Round(value + sum);
                }

                c.Span[(i * Ldc) + j] = NativeArray<T>.Of(bias ? value + Bias[j] : value);
            }
        }
    }

    /// <summary>Every element is within k·u·(|A||B|) of the sum in double, and nothing outside C changed.</summary>
    public void AssertClose(NativeArray<T> c, double before, bool bias, double outside)
    {
        for (int i = 0; i < M; i++)
        {
            for (int j = 0; j < N; j++)
            {
                double sum = before + (bias ? Bias[j] : 0), size = Math.Abs(before) + (bias ? 1 : 0);
                ReadOnlySpan<double> a = _rowsA.AsSpan(i * K, K), b = _columnsB.AsSpan(j * K, K);
                for (int k = 0; k < a.Length; k++)
                {
                    double product = a[k] * b[k];
                    sum += product;
                    size += Math.Abs(product);
                }

                double actual = c[(i * Ldc) + j];
                if (!(Math.Abs(actual - sum) <= (K + 3) * Unit * size))
                    Assert.Fail($"C[{i},{j}] of {M}x{N}x{K} is {actual}, not {sum}");
            }

            Assert.That(c[(i * Ldc) + N], Is.EqualTo(outside), $"right of row {i}");
        }
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        Bias.Dispose();
    }

    // Two floats add exactly enough in double that rounding once more gives the float sum.
    private static double Round(double value) => typeof(T) == typeof(float) ? (float)value : value;

    private static float ChainSingle(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        float sum = 0;
        for (int k = 0; k < a.Length; k++)
            sum = MathF.FusedMultiplyAdd((float)a[k], (float)b[k], sum);
        return sum;
    }

    private static double ChainDouble(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int k = 0; k < a.Length; k++)
            sum = Math.FusedMultiplyAdd(a[k], b[k], sum);
        return sum;
    }
}
