namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dq = scale·Σ_S ds·k with ds = p⊙(dy·v - delta) and p = exp(scale·q·k - lse), the second rung. q, dy, dq:[B,T,H,D]
/// k, v:[B,S,G,D]  lse, delta:[B,H,T], D up to 128</summary>
/// <remarks>Idea: as <see cref="AttentionTiledKernel{TWidth}"/>, a group owns 64 queries and walks over the blocks of keys they
/// see; two tiles of dot products become the weights that mix the keys.</remarks>
internal static class AttentionQueryGradientTiledKernel<TWidth> where TWidth : struct, IAttentionWidth
{
    public static void Run(AttentionTiledArguments<float, FloatStorage> a)
    {
        ArrayView<Quad<float>> shared = SharedMemory.Allocate<Quad<float>>(AttentionStage.Quads);
        AttentionShape at = a.Shape;
        int block = a.Blocks - 1 - Grid.IdxX % a.Blocks, pair = Grid.IdxX / a.Blocks;
        int head = pair % at.Heads, batch = pair / at.Heads, keyHead = head / (at.Heads / at.KeyHeads);
        int first = block * AttentionStage.Block, last = first + AttentionStage.Block - 1;
        int end = at.Seen(last < at.Queries ? last : at.Queries - 1), row = first + AttentionStage.Row;
        AttentionRows<float, FloatStorage> q = a.QueryRows(a.Q, batch, head), dy = a.QueryRows(a.Dy, batch, head);
        AttentionRows<float, FloatStorage> k = a.KeyRows(a.K, batch, keyHead), v = a.KeyRows(a.V, batch, keyHead);
        AttentionTile left = default, right = default;
        long sums = at.Row(batch, head, 0);
        for (int start = 0; start < end; start += AttentionStage.Block)
        {
            bool hides = !at.SeesAll(first, AttentionStage.Block, start, AttentionStage.Block);
            AttentionTile s = default, dp = default;
            AttentionStage.Dots(ref s, shared, q, first, k, start);
            AttentionStage.Dots(ref dp, shared, dy, first, v, start);
            AttentionWeights.OfRows(ref s, a.Units.Signed, Four(a.Shift, sums, row, at), Four(a.Shift, sums, row + 32, at),
                Four(a.Rest, sums, row, at), Four(a.Rest, sums, row + 32, at));
            AttentionWeights.SlopesOfRows(ref s, dp, Four(a.Delta, sums, row, at), Four(a.Delta, sums, row + 32, at));
            if (hides) AttentionMask.OfKeys(ref s, at, row, start + AttentionStage.Column, 0);
            AttentionStage.PutWeights(shared, s);
            AttentionStage.Mix<TWidth>(ref left, ref right, shared, k, start, hides);
        }
        AttentionRows<float, FloatStorage> dq = a.QueryRows(a.To, batch, head);
        left.Scale(a.Scale);
        left.Put(dq, row, AttentionStage.Column, a.Adds);
        if (!TWidth.IsWide) return;
        right.Scale(a.Scale);
        right.Put(dq, row, AttentionStage.Column + 64, a.Adds);
    }

    private static Quad<float> Four(ArrayView<float> x, long sums, int row, AttentionShape at) =>
        AttentionWeights.Four(x, sums, row, at.Queries);
}
