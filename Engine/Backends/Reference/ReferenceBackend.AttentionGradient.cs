using System.Buffers;
using System.Numerics;
using static AutogradCore.Loops;

namespace AutogradCore;

public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual void AttentionGradient(in View q, in View k, in View v, in View y, in View lse, in View dy,
        in AttentionOptions options, in Destination dq, in Destination dk, in Destination dv)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.AttentionGradient(q, k, v, y, lse, dy, dq, dk, dv);
        if (WidenedVerbs.Are(q, k, v, dy)) Widened.AttentionGradient(q, k, v, y, lse, dy, options, dq, dk, dv);
        else if (q.DType == DType.Float64) AttentionGradient<double>(q, k, v, y, lse, dy, options, dq, dk, dv);
        else AttentionGradient<float>(q, k, v, y, lse, dy, options, dq, dk, dv);
    }

    /// <summary>With P = exp(scores - lse) and dS = P⊙(dy·vᵀ - Σ dy⊙y): dq = scale·dS·k, dk = scale·dSᵀ·q, dv = Pᵀ·dy.</summary>
    private static void AttentionGradient<T>(in View q, in View k, in View v, in View y, in View lse, in View dy,
        in AttentionOptions options, in Destination dq, in Destination dk, in Destination dv)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        AttentionLayout at = new(q.Shape, k.Shape, options);
        Span<T> query = q.Span<T>(), key = k.Span<T>(), value = v.Span<T>();
        Span<T> result = y.Span<T>(), grad = dy.Span<T>();
        Span<double> logSum = lse.Span<double>();
        int head = at.S * at.D;
        double[] rented = ArrayPool<double>.Shared.Rent(2 * head + at.D);
        Span<double> sumK = rented.AsSpan(0, head), sumV = rented.AsSpan(head, head), sumQ = rented.AsSpan(2 * head, at.D);
        for (int b = 0; b < at.B; b++)
            for (int g = 0; g < at.G; g++)
            {
                sumK.Clear();
                sumV.Clear();
                for (int h = g * at.H / at.G; h < (g + 1) * at.H / at.G; h++)
                    for (int i = 0; i < at.T; i++)
                    {
                        int row = at.Query(b, i, h);
                        Span<T> qi = query.Slice(row, at.D), dyi = grad.Slice(row, at.D);
                        double delta = Dot<T>(dyi, result.Slice(row, at.D)), logSumI = logSum[at.LogSum(b, h, i)];
                        sumQ.Clear();
                        for (int j = 0; j < at.Visible(i); j++)
                        {
                            Span<T> kj = key.Slice(at.Key(b, j, g), at.D), vj = value.Slice(at.Key(b, j, g), at.D);
                            double p = Math.Exp(at.Scale * Dot<T>(qi, kj) - logSumI);
                            double ds = at.Scale * p * (Dot<T>(dyi, vj) - delta);
                            for (int d = 0; d < at.D; d++)
                            {
                                sumQ[d] += ds * Wide(kj[d]);
                                sumK[j * at.D + d] += ds * Wide(qi[d]);
                                sumV[j * at.D + d] += p * Wide(dyi[d]);
                            }
                        }
                        PutRow<T>(sumQ, dq, row);
                    }
                for (int j = 0; j < at.S; j++)
                {
                    PutRow<T>(sumK.Slice(j * at.D, at.D), dk, at.Key(b, j, g));
                    PutRow<T>(sumV.Slice(j * at.D, at.D), dv, at.Key(b, j, g));
                }
            }
        ArrayPool<double>.Shared.Return(rented);
    }

    private static void PutRow<T>(ReadOnlySpan<double> row, in Destination y, int start)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!y.Exists) return;
        Span<T> to = y.View.Span<T>().Slice(start, row.Length);
        for (int i = 0; i < row.Length; i++) Put(ref to[i], row[i], y.Accumulates);
    }
}
