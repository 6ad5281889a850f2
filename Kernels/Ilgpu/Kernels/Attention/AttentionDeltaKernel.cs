using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>delta = Σ_D dy⊙y, one lane per query and head: the same as Σ_S p⊙dp (Dao et al. 2022).
/// y, dy:[B,T,H,D]  delta:[B,H,T]</summary>
internal static class AttentionDeltaKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        int row = Grid.IdxX * Group.DimX + Group.IdxX;
        if (row >= a.Rows) return;
        AttentionShape at = a.Shape;
        int head = row % at.Heads, i = row / at.Heads % at.Queries, batch = row / at.Heads / at.Queries;
        long query = at.Query(batch, i, head);
        T dot = T.Zero;
        for (int d = 0; d < at.Size; d++) dot += a.Dy[query + d] * a.Y[query + d];
        a.Delta[at.Row(batch, head, i)] = dot;
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> Y, Dy;
        public ArrayView<T> Delta;
        public AttentionShape Shape;
        public int Rows;
    }
}
