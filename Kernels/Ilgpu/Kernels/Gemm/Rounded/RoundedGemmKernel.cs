namespace AutogradCore.Kernels.Ilgpu;

/// <summary>C = Σ A·B + bias + residual, y = f(C), of factors that are <see cref="BFloat16"/> in memory: the rung that takes
/// anything.</summary>
/// <remarks>Idea: as <see cref="NaiveGemmKernel{TOp, T}"/>, with half the bytes; products of two such numbers are exact in
/// floats.</remarks>
internal static class RoundedGemmKernel<TOp, TStored, TStorage>
    where TOp : struct, IUnary<TOp>
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
{
    public static void Run(RoundedGemmArguments<ushort, TStored> a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX, area = a.Target.M * a.Target.N;
        if (i >= a.Batches * area) return;
        int batch = i / area, row = (i - batch * area) / a.Target.N, column = i - batch * area - row * a.Target.N;
        for (int t = 0; t < a.Terms; t++)
        {
            GemmFactors<ushort> term = a.Factors.Term(t);
            int left = a.WalkA[batch] + row * term.A.OuterStride, right = a.WalkB[batch] + column * term.B.OuterStride;
            float sum = 0;
            for (int k = 0; k < term.K; k++)
                sum = float.FusedMultiplyAdd(AsBFloat16.Load(term.A.X[left + k * term.A.DepthStride]),
                    AsBFloat16.Load(term.B.X[right + k * term.B.DepthStride]), sum);
            a.Target.Put<TStorage>(batch * area, row, column, sum, t == 0, t == a.Terms - 1);
        }
        if (a.Target.Maps != 0) a.Target.Map<TOp, TStorage>(batch * area, row, column);
    }
}
