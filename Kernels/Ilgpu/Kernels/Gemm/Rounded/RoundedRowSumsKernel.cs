namespace AutogradCore.Kernels.Ilgpu;

/// <summary>r = Σ A over K, terms in order, of <see cref="BFloat16"/> in double: one lane per row, K ascending.
/// A:[M,K]  r:[M]</summary>
/// <remarks>As <see cref="RowSumsKernel{T}"/>, bit for bit.</remarks>
internal static class RoundedRowSumsKernel
{
    public static void Run(RoundedGemmArguments<ushort, float> a)
    {
        int row = Grid.IdxX * Group.DimX + Group.IdxX;
        if (row >= a.Target.M) return;
        for (int t = 0; t < a.Terms; t++)
        {
            GemmFactors<ushort> term = a.Factors.Term(t);
            double sum = 0;
            for (int k = 0; k < term.K; k++)
                sum += AsBFloat16.Load(term.A.X[row * term.A.OuterStride + k * term.A.DepthStride]);
            a.RowSums[row] = a.RowSumsAdd != 0 || t > 0 ? a.RowSums[row] + (float)sum : (float)sum;
        }
    }
}
