namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = softmax(scale·q·kᵀ)·v and lse, the second rung: flash attention (Dao et al. 2022). q, y:[B,T,H,D]
/// k, v:[B,S,G,D]  lse:[B,H,T], D up to 128</summary>
/// <remarks>Idea: a group owns 64 queries of a head and walks over blocks of 64 keys, skipping what the mask hides entirely;
/// scores are 8x4 tiles in registers, never in global memory. The online softmax needs only the largest score of a row, which
/// goes around sixteen lanes by shuffles; weights go through shared memory to mix the values (<see cref="AttentionStage"/>). The
/// last queries, which see the most keys, come first.</remarks>
internal static class AttentionTiledKernel<TWidth> where TWidth : struct, IAttentionWidth
{
    public static void Run(AttentionTiledArguments<float, FloatStorage> a)
    {
        ArrayView<Quad<float>> shared = SharedMemory.Allocate<Quad<float>>(AttentionStage.Quads);
        AttentionShape at = a.Shape;
        int block = a.Blocks - 1 - Grid.IdxX % a.Blocks, pair = Grid.IdxX / a.Blocks;
        int head = pair % at.Heads, batch = pair / at.Heads, keyHead = head / (at.Heads / at.KeyHeads);
        int first = block * AttentionStage.Block, last = first + AttentionStage.Block - 1;
        int end = at.Seen(last < at.Queries ? last : at.Queries - 1), row = first + AttentionStage.Row;
        AttentionRows<float, FloatStorage> q = a.QueryRows(a.Q, batch, head), k = a.KeyRows(a.K, batch, keyHead);
        AttentionRows<float, FloatStorage> v = a.KeyRows(a.V, batch, keyHead);
        AttentionTile left = default, right = default;
        AttentionSoftmax softmax = AttentionSoftmax.Start;
        for (int start = 0; start < end; start += AttentionStage.Block)
        {
            bool hides = !at.SeesAll(first, AttentionStage.Block, start, AttentionStage.Block);
            AttentionTile s = default;
            AttentionStage.Dots(ref s, shared, q, first, k, start);
            s.Scale(a.Units.Sign);
            if (hides) AttentionMask.OfKeys(ref s, at, row, start + AttentionStage.Column, float.NegativeInfinity);
            softmax.Update(ref s, a.Units.Factor, out Quad<float> shrinkTop, out Quad<float> shrinkBottom);
            left.Scale(shrinkTop, shrinkBottom);
            if (TWidth.IsWide) right.Scale(shrinkTop, shrinkBottom);
            AttentionStage.PutWeights(shared, s);
            AttentionStage.Mix<TWidth>(ref left, ref right, shared, v, start, hides);
        }
        softmax.Finish(out Quad<float> top, out Quad<float> bottom);
        left.Scale(top, bottom);
        if (TWidth.IsWide) right.Scale(top, bottom);
        AttentionRows<float, FloatStorage> y = a.QueryRows(a.To, batch, head);
        left.Put(y, row, AttentionStage.Column, 0);
        if (TWidth.IsWide) right.Put(y, row, AttentionStage.Column + 64, 0);
        if (AttentionStage.Column == 0) PutSums(a, at.Row(batch, head, 0), row, softmax);
    }

    private static void PutSums(AttentionTiledArguments<float, FloatStorage> a, long at, int row, AttentionSoftmax softmax)
    {
        PutFour(a, at, row, softmax.LargestTop, softmax.SumTop);
        PutFour(a, at, row + AttentionStage.Block / 2, softmax.LargestBottom, softmax.SumBottom);
    }

    private static void PutFour(
        AttentionTiledArguments<float, FloatStorage> a, long at, int row, Quad<float> largest, Quad<float> sum)
    {
        PutSum(a, at, row, largest.X, sum.X);
        PutSum(a, at, row + 1, largest.Y, sum.Y);
        PutSum(a, at, row + 2, largest.Z, sum.Z);
        PutSum(a, at, row + 3, largest.W, sum.W);
    }

    private static void PutSum(AttentionTiledArguments<float, FloatStorage> a, long at, int row, float largest, float sum)
    {
        if (row < a.Shape.Queries) a.Lse[at + row] = a.Units.LogSum(largest, sum);
    }
}
