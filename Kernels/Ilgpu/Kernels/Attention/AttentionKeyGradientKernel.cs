using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The first rung of dv = Σ p·dy and dk = scale·Σ ds·q over the queries of every head that shares the key, heads and
/// then queries ascending: one group per key and key head; tiles of as many queries as there are lanes leave p and ds in shared
/// memory, then the lanes stand side by side over D. q, dy:[B,T,H,D]  k, v, dk, dv:[B,S,G,D]  lse, delta:[B,H,T]; shared: two
/// elements per lane, then two times D.</summary>
internal static class AttentionKeyGradientKernel<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static void Run(Arguments a)
    {
        ArrayView<T> shared = SharedMemory.GetDynamic<T>();
        AttentionShape at = a.Shape;
        int keyHead = Grid.IdxX % at.KeyHeads, s = Grid.IdxX / at.KeyHeads % at.Keys, batch = Grid.IdxX / at.KeyHeads / at.Keys;
        int sharing = at.Heads / at.KeyHeads, lane = Group.IdxX, lanes = Group.DimX, start = at.FirstSeeing(s);
        int sumsK = 2 * lanes, sumsV = sumsK + at.Size;
        long key = at.Key(batch, s, keyHead);

        for (int d = lane; d < at.Size; d += lanes)
        {
            shared[sumsK + d] = T.Zero;
            shared[sumsV + d] = T.Zero;
        }
        for (int head = keyHead * sharing; head < (keyHead + 1) * sharing; head++)
            for (int first = start; first < at.Queries; first += lanes)
            {
                int own = first + lane, count = at.Queries - first < lanes ? at.Queries - first : lanes;
                if (own < at.Queries) Weigh(a, shared, batch, own, head, key);
                Group.Barrier();
                for (int d = lane; d < at.Size; d += lanes)
                {
                    T dk = shared[sumsK + d], dv = shared[sumsV + d];
                    for (int j = 0; j < count; j++)
                    {
                        long query = at.Query(batch, first + j, head) + d;
                        dv += shared[j] * a.Dy[query];
                        dk += shared[lanes + j] * a.Q[query];
                    }
                    shared[sumsK + d] = dk;
                    shared[sumsV + d] = dv;
                }
                Group.Barrier();
            }
        for (int d = lane; d < at.Size; d += lanes)
        {
            T dk = a.Scale * shared[sumsK + d], dv = shared[sumsV + d];
            if (a.WantsK != 0) a.Dk[key + d] = a.AddsK != 0 ? a.Dk[key + d] + dk : dk;
            if (a.WantsV != 0) a.Dv[key + d] = a.AddsV != 0 ? a.Dv[key + d] + dv : dv;
        }
    }

    /// <summary>p and ds of one query and the group's key, into the lane's places.</summary>
    private static void Weigh(Arguments a, ArrayView<T> shared, int batch, int i, int head, long key)
    {
        long query = a.Shape.Query(batch, i, head), row = a.Shape.Row(batch, head, i);
        T score = T.Zero, dp = T.Zero;
        for (int d = 0; d < a.Shape.Size; d++)
        {
            score += a.Q[query + d] * a.K[key + d];
            dp += a.Dy[query + d] * a.V[key + d];
        }
        T p = T.Exp(RowFours.Less(a.Scale * score, a.Lse[row]));
        shared[Group.IdxX] = p;
        shared[Group.DimX + Group.IdxX] = p * (dp - a.Delta[row]);
    }

    public struct Arguments
    {
        public ArrayView<T> Q, K, V, Dy, Delta, Dk, Dv;
        public ArrayView<double> Lse;
        public AttentionShape Shape;
        public T Scale;
        public int WantsK, WantsV, AddsK, AddsV;
    }
}
