using System.Numerics;
using AutogradCore.Kernels.Host;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Host;

/// <summary>One attention call with random operands and padded rows, next to the plain formula in double.</summary>
internal sealed unsafe class FlashProblem<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Pad = 3;
    private readonly FlashShape _s;
    private readonly NativeArray<T> _q, _k, _v, _seed;

    public FlashProblem(FlashShape shape)
    {
        _s = shape;
        (_q, _k, _v, _seed) = (Queries(1), Keys(2), Keys(3), Queries(4));
        (O, Dq, Dk, Dv) = (Queries(5), Queries(6), Keys(7), Keys(8));
        Lse = NativeArray<double>.Random(shape.Batch * shape.QueryHeads * shape.Queries, 9);
    }

    public NativeArray<T> O { get; }

    public NativeArray<double> Lse { get; }

    public NativeArray<T> Dq { get; }

    public NativeArray<T> Dk { get; }

    public NativeArray<T> Dv { get; }

    private int QueryStride => (_s.QueryHeads * _s.HeadSize) + Pad;

    private int KeyStride => (_s.KeyHeads * _s.HeadSize) + Pad;

    public void Run(FlashAttention attention, Store store)
    {
        FlashRef<T> q = new(_q.Pointer, QueryStride), k = new(_k.Pointer, KeyStride), v = new(_v.Pointer, KeyStride);
        FlashRef<T> o = new(O.Pointer, QueryStride), seed = new(_seed.Pointer, QueryStride);
        attention.Forward(_s, q, k, v, o, Lse.Pointer);
        attention.Backward(
            _s, q, k, v, o, Lse.Pointer, seed,
            new(Dq.Pointer, QueryStride, store), new(Dk.Pointer, KeyStride, store), new(Dv.Pointer, KeyStride, store));
    }

    public void RunValuesOnly(FlashAttention attention)
    {
        FlashRef<T> q = new(_q.Pointer, QueryStride), k = new(_k.Pointer, KeyStride), v = new(_v.Pointer, KeyStride);
        FlashRef<T> o = new(O.Pointer, QueryStride), seed = new(_seed.Pointer, QueryStride);
        attention.Forward(_s, q, k, v, o, Lse.Pointer);
        attention.Backward(_s, q, k, v, o, Lse.Pointer, seed, default, default, new(Dv.Pointer, KeyStride));
    }

    /// <summary>Every result against the plain formula; <paramref name="before"/> holds what the gradients were added to,
    /// if anything.</summary>
    public void AssertClose(FlashProblem<T>? before, double tolerance)
    {
        double[] o = new double[O.Count], dq = new double[Dq.Count], dk = new double[Dk.Count], dv = new double[Dv.Count];
        double[] p = new double[_s.Keys], dp = new double[_s.Keys];
        for (int b = 0; b < _s.Batch; b++)
        {
            for (int h = 0; h < _s.QueryHeads; h++)
            {
                for (int i = 0; i < _s.Queries; i++)
                    Row(b, h, i, p, dp, o, dq, dk, dv);
            }
        }

        Compare("o", O, o, null, QueryStride, tolerance);
        Compare("dq", Dq, dq, before?.Dq, QueryStride, tolerance);
        Compare("dk", Dk, dk, before?.Dk, KeyStride, tolerance);
        Compare("dv", Dv, dv, before?.Dv, KeyStride, tolerance);
    }

    public void Dispose()
    {
        foreach (NativeArray<T> array in new[] { _q, _k, _v, _seed, O, Dq, Dk, Dv })
            array.Dispose();
        Lse.Dispose();
    }

    private void Row(int b, int h, int i, double[] p, double[] dp, double[] o, double[] dq, double[] dk, double[] dv)
    {
        int size = _s.HeadSize, seen = 0;
        int at = (((b * _s.Queries) + i) * QueryStride) + (h * size);
        int Key(int j) => (((b * _s.Keys) + j) * KeyStride) + (h / (_s.QueryHeads / _s.KeyHeads) * size);
        double sum = 0, delta = 0;
        for (int j = 0; j < _s.Keys && (!_s.Causal || j <= i + _s.Keys - _s.Queries); j++, seen++)
        {
            (p[j], dp[j]) = (0, 0);
            for (int d = 0; d < size; d++)
            {
                p[j] += _q[at + d] * _k[Key(j) + d];
                dp[j] += _seed[at + d] * _v[Key(j) + d];
            }

            p[j] = Math.Exp(p[j] * _s.Scale);
            sum += p[j];
        }

        Assert.That(Lse[(((b * _s.QueryHeads) + h) * _s.Queries) + i], Is.EqualTo(Math.Log(sum)).Within(1e-5), "lse");
        for (int j = 0; j < seen; j++)
        {
            p[j] /= sum;
            delta += p[j] * dp[j];
        }

        for (int j = 0; j < seen; j++)
        {
            double ds = p[j] * (dp[j] - delta) * _s.Scale;
            for (int d = 0; d < size; d++)
            {
                o[at + d] += p[j] * _v[Key(j) + d];
                dq[at + d] += ds * _k[Key(j) + d];
                dk[Key(j) + d] += ds * _q[at + d];
                dv[Key(j) + d] += p[j] * _seed[at + d];
            }
        }
    }

    private static void Compare(
        string name, NativeArray<T> actual, double[] exact, NativeArray<T>? before, int stride, double tolerance)
    {
        for (int i = 0; i < exact.Length; i++)
        {
            if (i % stride >= stride - Pad)
                continue;
            double wanted = exact[i] + (before is null ? 0 : before[i]);
            if (!(Math.Abs(actual[i] - wanted) <= tolerance * (1 + Math.Abs(wanted))))
                Assert.Fail($"{name}[{i}] is {actual[i]}, not {wanted}");
        }
    }

    private NativeArray<T> Queries(int seed) => NativeArray<T>.Random(_s.Batch * _s.Queries * QueryStride, seed);

    private NativeArray<T> Keys(int seed) => NativeArray<T>.Random(_s.Batch * _s.Keys * KeyStride, seed);
}
