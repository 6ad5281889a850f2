using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The first rung of attention: one group per query and head, its lanes side by side over the keys. One pass finds
/// lse = log Σ exp(scale·q·k); a second one takes tiles of as many keys as there are lanes, leaves their probabilities in
/// shared memory, and adds p·v with the lanes side by side over D. Nothing of the size T·S is kept. q, y:[B,T,H,D]  k,
/// v:[B,S,G,D]  lse:[B,H,T]; shared: one element per lane, then D.</summary>
internal static class AttentionKernel<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static void Run(Arguments a)
    {
        ArrayView<T> reduce = SharedMemory.Allocate<T>(Reduce.MaxWarps), shared = SharedMemory.GetDynamic<T>();
        ArrayView<double> sums = SharedMemory.Allocate<double>(Reduce.MaxWarps);
        AttentionShape at = a.Shape;
        int head = Grid.IdxX % at.Heads, i = Grid.IdxX / at.Heads % at.Queries, batch = Grid.IdxX / at.Heads / at.Queries;
        int keyHead = head / (at.Heads / at.KeyHeads), seen = at.Seen(i), lane = Group.IdxX, lanes = Group.DimX;
        long query = at.Query(batch, i, head);

        T max = T.NegativeInfinity;
        for (int s = lane; s < seen; s += lanes) max = T.Max(max, Score(a, query, at.Key(batch, s, keyHead)));
        max = Reduce.Max(max, reduce);
        double sum = 0;
        for (int s = lane; s < seen; s += lanes)
            sum += double.CreateTruncating(T.Exp(Score(a, query, at.Key(batch, s, keyHead)) - max));
        sum = Reduce.Sum(sum, sums);
        double lse = seen == 0 ? double.NegativeInfinity : double.CreateTruncating(max) + Math.Log(sum);
        if (lane == 0) a.Lse[at.Row(batch, head, i)] = lse;

        for (int d = lane; d < at.Size; d += lanes) shared[lanes + d] = T.Zero;
        for (int first = 0; first < seen; first += lanes)
        {
            int own = first + lane, count = seen - first < lanes ? seen - first : lanes;
            if (own < seen) shared[lane] = T.Exp(RowFours.Less(Score(a, query, at.Key(batch, own, keyHead)), lse));
            Group.Barrier();
            for (int d = lane; d < at.Size; d += lanes)
            {
                T total = shared[lanes + d];
                for (int j = 0; j < count; j++) total += shared[j] * a.V[at.Key(batch, first + j, keyHead) + d];
                shared[lanes + d] = total;
            }
            Group.Barrier();
        }
        for (int d = lane; d < at.Size; d += lanes) a.Y[query + d] = shared[lanes + d];
    }

    /// <summary>scale·q·k.</summary>
    private static T Score(Arguments a, long query, long key)
    {
        T dot = T.Zero;
        for (int d = 0; d < a.Shape.Size; d++) dot += a.Q[query + d] * a.K[key + d];
        return a.Scale * dot;
    }

    public struct Arguments
    {
        public ArrayView<T> Q, K, V, Y;
        public ArrayView<double> Lse;
        public AttentionShape Shape;
        public T Scale;
    }
}
