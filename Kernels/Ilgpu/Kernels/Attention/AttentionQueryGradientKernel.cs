using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The first rung of dq = scale·Σ_S ds·k with ds = p⊙(dy·v - delta) and p = exp(scale·q·k - lse): one group per query
/// and head; tiles of as many keys as there are lanes leave ds in shared memory, then the lanes stand side by side over D. q,
/// dy, dq:[B,T,H,D]  k, v:[B,S,G,D]  lse, delta:[B,H,T]; shared: one element per lane, then D.</summary>
internal static class AttentionQueryGradientKernel<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static void Run(Arguments a)
    {
        ArrayView<T> shared = SharedMemory.GetDynamic<T>();
        AttentionShape at = a.Shape;
        int head = Grid.IdxX % at.Heads, i = Grid.IdxX / at.Heads % at.Queries, batch = Grid.IdxX / at.Heads / at.Queries;
        int keyHead = head / (at.Heads / at.KeyHeads), seen = at.Seen(i), lane = Group.IdxX, lanes = Group.DimX;
        long query = at.Query(batch, i, head), row = at.Row(batch, head, i);
        double lse = a.Lse[row];
        T delta = a.Delta[row];

        for (int d = lane; d < at.Size; d += lanes) shared[lanes + d] = T.Zero;
        for (int first = 0; first < seen; first += lanes)
        {
            int own = first + lane, count = seen - first < lanes ? seen - first : lanes;
            if (own < seen)
            {
                long key = at.Key(batch, own, keyHead);
                T score = T.Zero, dp = T.Zero;
                for (int d = 0; d < at.Size; d++)
                {
                    score += a.Q[query + d] * a.K[key + d];
                    dp += a.Dy[query + d] * a.V[key + d];
                }
                shared[lane] = T.Exp(RowFours.Less(a.Scale * score, lse)) * (dp - delta);
            }
            Group.Barrier();
            for (int d = lane; d < at.Size; d += lanes)
            {
                T total = shared[lanes + d];
                for (int j = 0; j < count; j++) total += shared[j] * a.K[at.Key(batch, first + j, keyHead) + d];
                shared[lanes + d] = total;
            }
            Group.Barrier();
        }
        for (int d = lane; d < at.Size; d += lanes)
        {
            T dq = a.Scale * shared[lanes + d];
            a.Dq[query + d] = a.Adds != 0 ? a.Dq[query + d] + dq : dq;
        }
    }

    public struct Arguments
    {
        public ArrayView<T> Q, K, V, Dy, Delta, Dq;
        public ArrayView<double> Lse;
        public AttentionShape Shape;
        public T Scale;
        public int Adds;
    }
}
