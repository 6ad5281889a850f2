namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dk = scale·Σ ds·q with ds = p⊙(dy·v - delta) and p = exp(scale·q·k - lse), over the queries of every head that shares
/// the key, the second rung. q, dy:[B,T,H,D]  k, v, dk:[B,S,G,D]  lse, delta:[B,H,T], D up to 128</summary>
/// <remarks>Idea: a group owns 64 keys and walks over the blocks of queries that see one of them, heads and then queries
/// ascending, so that no other group adds to its sums. Keys are the rows of its tiles, queries the columns.</remarks>
internal static class AttentionKeyGradientTiledKernel<TWidth> where TWidth : struct, IAttentionWidth
{
    public static void Run(AttentionTiledArguments<float, FloatStorage> a)
    {
        ArrayView<Quad<float>> shared = SharedMemory.Allocate<Quad<float>>(AttentionStage.Quads);
        AttentionShape at = a.Shape;
        int first = Grid.IdxX % a.Blocks * AttentionStage.Block, pair = Grid.IdxX / a.Blocks;
        int keyHead = pair % at.KeyHeads, batch = pair / at.KeyHeads, sharing = at.Heads / at.KeyHeads;
        int row = first + AttentionStage.Row;
        AttentionRows<float, FloatStorage> k = a.KeyRows(a.K, batch, keyHead), v = a.KeyRows(a.V, batch, keyHead);
        AttentionTile left = default, right = default;
        for (int head = keyHead * sharing; head < (keyHead + 1) * sharing; head++)
        {
            AttentionRows<float, FloatStorage> q = a.QueryRows(a.Q, batch, head), dy = a.QueryRows(a.Dy, batch, head);
            long sums = at.Row(batch, head, 0);
            for (int start = at.FirstSeeing(first); start < at.Queries; start += AttentionStage.Block)
            {
                int column = start + AttentionStage.Column;
                bool hides = !at.SeesAll(start, AttentionStage.Block, first, AttentionStage.Block);
                AttentionTile s = default, dp = default;
                AttentionStage.Dots(ref s, shared, k, first, q, start);
                AttentionStage.Dots(ref dp, shared, v, first, dy, start);
                AttentionWeights.OfColumns(ref s, a.Units.Signed, AttentionWeights.Four(a.Shift, sums, column, at.Queries),
                    AttentionWeights.Four(a.Rest, sums, column, at.Queries));
                AttentionWeights.SlopesOfColumns(ref s, dp, AttentionWeights.Four(a.Delta, sums, column, at.Queries));
                if (hides) AttentionMask.OfQueries(ref s, at, row, column);
                AttentionStage.PutWeights(shared, s);
                AttentionStage.Mix<TWidth>(ref left, ref right, shared, q, start, hides);
            }
        }
        AttentionRows<float, FloatStorage> dk = a.KeyRows(a.To, batch, keyHead);
        left.Scale(a.Scale);
        left.Put(dk, row, AttentionStage.Column, a.Adds);
        if (!TWidth.IsWide) return;
        right.Scale(a.Scale);
        right.Put(dk, row, AttentionStage.Column + 64, a.Adds);
    }
}
