using System.Numerics;
using static AutogradCore.Loops;

namespace AutogradCore;

public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual void Gemm(in View a, in View b, in Destination c, in View bias = default, in View residual = default)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Gemm(a, b, c, bias, residual);
        if (WidenedVerbs.Are(a, b, c.View, bias, residual))
        {
            Widened.Gemm(a, b, c, bias, residual);
            return;
        }
        if (c.View.DType == DType.Float64) Gemm<double>(a, b, c, bias);
        else Gemm<float>(a, b, c, bias);
        if (residual.Exists) Copy(residual, Destination.AddTo(c.View));
    }

    /// <inheritdoc/>
    public virtual void GemmMap<TOp>(in View a, in View b, in View bias, in View c, in View y) where TOp : struct, IUnary<TOp>
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.GemmMap(a, b, bias, c, y);
        Gemm(a, b, Destination.Into(c), bias);
        Map<TOp>(c, Destination.Into(y));
    }

    /// <inheritdoc/>
    public virtual void GemmSum(ReadOnlySpan<GemmTerm> terms, in Destination c, in Destination rowSums = default)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.GemmSum(terms, c, rowSums);
        if (WidenedVerbs.Are(terms, c.View, rowSums.View))
        {
            Widened.GemmSum(terms, c, rowSums);
            return;
        }
        if (terms.IsEmpty && !c.Accumulates) Fill(c.View, 0);
        if (terms.IsEmpty && rowSums is { Exists: true, Accumulates: false }) Fill(rowSums.View, 0);
        for (int i = 0; i < terms.Length; i++)
        {
            Gemm(terms[i].A, terms[i].B, i == 0 ? c : Destination.AddTo(c.View));
            if (!rowSums.Exists) continue;
            Destination sums = i == 0 ? rowSums : Destination.AddTo(rowSums.View);
            Sum(terms[i].A, sums.Reshape([rowSums.View.Shape[0], 1]));
        }
    }

    /// <summary>Each product's sum is rounded once, then added to C, then the bias is added.</summary>
    private static unsafe void Gemm<T>(in View a, in View b, in Destination c, in View bias)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Shape shape = c.View.Shape, outer = shape.Take(shape.Rank - 2);
        (int m, int n, int k) = (shape[^2], shape[^1], a.Shape[^1]);
        View left = a.BroadcastTo(outer.Append(m).Append(k)), right = b.BroadcastTo(outer.Append(k).Append(n));
        (int rowA, int stepA) = (left.Stride(shape.Rank - 2), left.Stride(shape.Rank - 1));
        (int stepB, int columnB) = (right.Stride(shape.Rank - 2), right.Stride(shape.Rank - 1));
        T* pc = c.View.Pointer<T>(), pBias = bias.Exists ? bias.Pointer<T>() : null;
        for (int batch = 0; batch < outer.ElementCount; batch++)
        {
            T* pa = left.Pointer<T>() + Distance(left, batch, outer.Rank);
            T* pb = right.Pointer<T>() + Distance(right, batch, outer.Rank);
            for (int row = 0; row < m; row++)
                for (int column = 0; column < n; column++, pc++)
                {
                    double sum = 0;
                    for (int i = 0; i < k; i++)
                        sum += Wide(pa[row * rowA + i * stepA]) * Wide(pb[i * stepB + column * columnB]);
                    Put(ref *pc, sum, c.Accumulates);
                    if (bias.Exists) *pc += pBias[column];
                }
        }
    }
}
