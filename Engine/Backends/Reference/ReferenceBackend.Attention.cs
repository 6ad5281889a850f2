using System.Buffers;
using System.Numerics;
using static AutogradCore.Loops;

namespace AutogradCore;

public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual void Attention(in View q, in View k, in View v, in AttentionOptions options, in View y, in View lse)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Attention(q, k, v, y, lse);
        if (WidenedVerbs.Are(q, k, v, y)) Widened.Attention(q, k, v, options, y, lse);
        else if (q.DType == DType.Float64) Attention<double>(q, k, v, options, y, lse);
        else Attention<float>(q, k, v, options, y, lse);
    }

    private static void Attention<T>(in View q, in View k, in View v, in AttentionOptions options, in View y, in View lse)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        AttentionLayout at = new(q.Shape, k.Shape, options);
        Span<T> query = q.Span<T>(), key = k.Span<T>(), value = v.Span<T>(), to = y.Span<T>();
        Span<double> logSum = lse.Span<double>();
        double[] rented = ArrayPool<double>.Shared.Rent(at.S);
        for (int b = 0; b < at.B; b++)
            for (int h = 0; h < at.H; h++)
                for (int i = 0; i < at.T; i++)
                {
                    Span<double> weights = rented.AsSpan(0, at.Visible(i));
                    for (int j = 0; j < weights.Length; j++)
                    {
                        Span<T> kj = key.Slice(at.Key(b, j, at.Group(h)), at.D);
                        weights[j] = at.Scale * Dot<T>(query.Slice(at.Query(b, i, h), at.D), kj);
                    }
                    (double max, double sum) = ShiftedExponentials<double>(weights);
                    logSum[at.LogSum(b, h, i)] = double.IsInfinity(max) ? max : max + Math.Log(sum);
                    foreach (ref double weight in weights) weight = Math.Exp(weight - max) / sum;
                    for (int d = 0; d < at.D; d++)
                    {
                        double mix = 0;
                        for (int j = 0; j < weights.Length; j++) mix += weights[j] * Wide(value[at.Key(b, j, at.Group(h)) + d]);
                        to[at.Query(b, i, h) + d] = Narrow<T>(mix);
                    }
                }
        ArrayPool<double>.Shared.Return(rented);
    }

    private static double Dot<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b) where T : unmanaged, IFloatingPointIeee754<T>
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += Wide(a[i]) * Wide(b[i]);
        return sum;
    }
}
