using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>r = Σ A over K in double, terms in order: one lane per row, K ascending; the bits of the row sums that a product
/// takes on its way. A:[M,K]  r:[M]</summary>
/// <remarks>Neighbouring lanes read neighbouring rows: coalesced for a transposed A, which is what a weight's gradient
/// has.</remarks>
internal static class RowSumsKernel<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static void Run(GemmArguments<T> a)
    {
        int row = Grid.IdxX * Group.DimX + Group.IdxX;
        if (row >= a.Target.M) return;
        for (int t = 0; t < a.Terms; t++)
        {
            GemmFactors<T> term = a.Term(t);
            double sum = 0;
            for (int k = 0; k < term.K; k++)
                sum += double.CreateTruncating(term.A.X[row * term.A.OuterStride + k * term.A.DepthStride]);
            T rounded = T.CreateTruncating(sum);
            a.RowSums[row] = a.RowSumsAdd != 0 || t > 0 ? a.RowSums[row] + rounded : rounded;
        }
    }
}
