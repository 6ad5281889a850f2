namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dv = Σ p·dy with p = exp(scale·q·k - lse), over the queries of every head that shares the value, the second rung.
/// q, dy:[B,T,H,D]  k, dv:[B,S,G,D]  lse:[B,H,T], D up to 128</summary>
/// <remarks>Idea: as <see cref="AttentionKeyGradientTiledKernel{TWidth}"/>. In wide heads the sums of both gradients
/// would not fit into a lane's registers, so the weights are computed a second time.</remarks>
internal static class AttentionValueGradientTiledKernel<TWidth> where TWidth : struct, IAttentionWidth
{
    public static void Run(AttentionTiledArguments<float, FloatStorage> a)
    {
        ArrayView<Quad<float>> shared = SharedMemory.Allocate<Quad<float>>(AttentionStage.Quads);
        AttentionShape at = a.Shape;
        int first = Grid.IdxX % a.Blocks * AttentionStage.Block, pair = Grid.IdxX / a.Blocks;
        int keyHead = pair % at.KeyHeads, batch = pair / at.KeyHeads, sharing = at.Heads / at.KeyHeads;
        int row = first + AttentionStage.Row;
        AttentionRows<float, FloatStorage> k = a.KeyRows(a.K, batch, keyHead);
        AttentionTile left = default, right = default;
        for (int head = keyHead * sharing; head < (keyHead + 1) * sharing; head++)
        {
            AttentionRows<float, FloatStorage> q = a.QueryRows(a.Q, batch, head), dy = a.QueryRows(a.Dy, batch, head);
            long sums = at.Row(batch, head, 0);
            for (int start = at.FirstSeeing(first); start < at.Queries; start += AttentionStage.Block)
            {
                int column = start + AttentionStage.Column;
                bool hides = !at.SeesAll(start, AttentionStage.Block, first, AttentionStage.Block);
                AttentionTile p = default;
                AttentionStage.Dots(ref p, shared, k, first, q, start);
                AttentionWeights.OfColumns(ref p, a.Units.Signed, AttentionWeights.Four(a.Shift, sums, column, at.Queries),
                    AttentionWeights.Four(a.Rest, sums, column, at.Queries));
                if (hides) AttentionMask.OfQueries(ref p, at, row, column);
                AttentionStage.PutWeights(shared, p);
                AttentionStage.Mix<TWidth>(ref left, ref right, shared, dy, start, hides);
            }
        }
        AttentionRows<float, FloatStorage> dv = a.KeyRows(a.To, batch, keyHead);
        left.Put(dv, row, AttentionStage.Column, a.Adds);
        if (TWidth.IsWide) right.Put(dv, row, AttentionStage.Column + 64, a.Adds);
    }
}
