namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dk = scale·Σ ds·q and dv = Σ p·dy with p = exp(scale·q·k - lse) and ds = p⊙(dy·v - delta), over the queries of every
/// head that shares key and value, the second rung for narrow heads. q, dy:[B,T,H,D]  k, v, dk, dv:[B,S,G,D]
/// lse, delta:[B,H,T], D up to 64</summary>
/// <remarks>Idea: <see cref="AttentionKeyGradientTiledKernel{TWidth}"/> and
/// <see cref="AttentionValueGradientTiledKernel{TWidth}"/> in one, number for number, with the weights computed once;
/// narrow heads leave the registers for it.</remarks>
internal static class AttentionPairGradientTiledKernel
{
    public static void Run(AttentionTiledArguments<float, FloatStorage> a)
    {
        ArrayView<Quad<float>> shared = SharedMemory.Allocate<Quad<float>>(AttentionStage.Quads);
        AttentionShape at = a.Shape;
        int first = Grid.IdxX % a.Blocks * AttentionStage.Block, pair = Grid.IdxX / a.Blocks;
        int keyHead = pair % at.KeyHeads, batch = pair / at.KeyHeads, sharing = at.Heads / at.KeyHeads;
        int row = first + AttentionStage.Row;
        AttentionRows<float, FloatStorage> k = a.KeyRows(a.K, batch, keyHead), v = a.KeyRows(a.V, batch, keyHead);
        AttentionTile keys = default, values = default, none = default;
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
                if (hides) AttentionMask.OfQueries(ref s, at, row, column);
                AttentionStage.PutWeights(shared, s);
                AttentionWeights.SlopesOfColumns(ref s, dp, AttentionWeights.Four(a.Delta, sums, column, at.Queries));
                if (hides) AttentionMask.OfQueries(ref s, at, row, column);
                AttentionStage.Mix<AttentionNarrow>(ref values, ref none, shared, dy, start, hides);
                AttentionStage.PutWeights(shared, s);
                AttentionStage.Mix<AttentionNarrow>(ref keys, ref none, shared, q, start, hides);
            }
        }
        keys.Scale(a.Scale);
        keys.Put(a.KeyRows(a.To, batch, keyHead), row, AttentionStage.Column, a.Adds);
        values.Put(a.KeyRows(a.ToV, batch, keyHead), row, AttentionStage.Column, a.AddsV);
    }
}
