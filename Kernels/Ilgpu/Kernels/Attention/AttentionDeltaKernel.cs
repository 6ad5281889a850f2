using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>delta = Σ_D dy⊙y, the same as Σ_S p⊙dp (Dao et al. 2022).  y, dy:[B,T,H,D]  delta:[B,H,T]</summary>
/// <remarks>Idea: eight lanes a query and head, so that neighbours read neighbours; each sums every eighth feature, ascending,
/// and three exchanges sum the lanes. The log-sums are split into two floats on the way, where they are wanted so.</remarks>
internal static class AttentionDeltaKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        int lane = Group.IdxX & (AttentionDelta.Lanes - 1);
        int row = (Grid.IdxX * Group.DimX + Group.IdxX) / AttentionDelta.Lanes;
        AttentionShape at = a.Shape;
        int head = row % at.Heads, i = row / at.Heads % at.Queries, batch = row / at.Heads / at.Queries;
        long query = at.Query(batch, i, head);
        T dot = T.Zero;
        if (row < a.Rows)
            for (int d = lane; d < at.Size; d += AttentionDelta.Lanes) dot += a.Dy[query + d] * a.Y[query + d];
        for (int mask = AttentionDelta.Lanes / 2; mask > 0; mask /= 2) dot += Warp.ShuffleXor(dot, mask);
        if (row >= a.Rows || lane != 0) return;
        long to = at.Row(batch, head, i);
        a.Delta[to] = dot;
        if (a.SplitsLogSums == 0) return;
        double lse = a.Lse[to] * a.FromNatural;
        float shift = (float)lse;
        a.Shift[to] = shift;
        a.Rest[to] = float.IsFinite(shift) ? (float)(lse - shift) : 0;
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> Y, Dy;
        public ArrayView<T> Delta;

        /// <summary>The log-sums; they go to Shift and Rest for kernels that work in <see cref="AttentionUnits"/>.</summary>
        public ArrayView<double> Lse;

        public ArrayView<float> Shift, Rest;
        public double FromNatural;
        public int SplitsLogSums;
        public AttentionShape Shape;
        public int Rows;
    }
}

/// <summary>The measures of <see cref="AttentionDeltaKernel{T, TStored, TStorage}"/>.</summary>
internal static class AttentionDelta
{
    /// <summary>Lanes that share a row; no target has smaller warps.</summary>
    public const int Lanes = 8;
}
