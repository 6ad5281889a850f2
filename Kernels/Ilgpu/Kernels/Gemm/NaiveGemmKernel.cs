using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>C = Σ A·B + bias + residual, y = f(C): the rung that takes anything.</summary>
/// <remarks>Idea: one lane per element of C walks along K; nothing is shared. Every number is read from global memory once per
/// element of C that needs it: 2 loads for one multiply-add. For small products, odd strides, and machines without 256 lanes a
/// group.</remarks>
internal static class NaiveGemmKernel<TOp, T>
    where TOp : struct, IUnary<TOp>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static void Run(GemmArguments<T> a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX, area = a.Target.M * a.Target.N;
        if (i >= a.Batches * area) return;
        int batch = i / area, row = (i - batch * area) / a.Target.N, column = i - batch * area - row * a.Target.N;
        for (int t = 0; t < a.Terms; t++)
        {
            GemmFactors<T> term = a.Term(t);
            int left = a.WalkA[batch] + row * term.A.OuterStride, right = a.WalkB[batch] + column * term.B.OuterStride;
            T sum = T.Zero;
            for (int k = 0; k < term.K; k++)
                sum = T.FusedMultiplyAdd(term.A.X[left + k * term.A.DepthStride], term.B.X[right + k * term.B.DepthStride], sum);
            a.Target.Put(batch * area, row, column, sum, t == 0, t == a.Terms - 1);
        }
        if (a.Target.Maps != 0) a.Target.Map<TOp>(batch * area, row, column);
    }
}
