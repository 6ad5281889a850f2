namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dk = scale·Σ ds·q with ds = p⊙(dy·v - delta) and p = exp(scale·q·k - lse), over the queries of every head that shares
/// the key, on tensor cores, the third rung: q, k, v, dy and ds rounded to bf16, sums in floats. q, dy:[B,T,H,D]
/// k, v, dk:[B,S,G,D]  lse, delta:[B,H,T], D up to 128</summary>
/// <remarks>Idea: as <see cref="AttentionKeyGradientTiledKernel{TWidth}"/>, with sixteen keys per warp; they stay in registers,
/// their values in shared memory.</remarks>
internal static class AttentionKeyGradientMmaKernel<TWidth, TStored, TStorage>
    where TWidth : struct, IAttentionWidth
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
{
    public static void Run(AttentionTiledArguments<TStored, TStorage> a)
    {
        ArrayView<Words4> shared = SharedMemory.Allocate<Words4>(TWidth.IsWide ? 4 * 32 * 68 / 4 : 4 * 32 * 36 / 4);
        ArrayView<uint> words = shared.Cast<uint>();
        AttentionShape at = a.Shape;
        int first = Grid.IdxX % a.Blocks * AttentionMma.Outer, pair = Grid.IdxX / a.Blocks;
        int keyHead = pair % at.KeyHeads, batch = pair / at.KeyHeads, sharing = at.Heads / at.KeyHeads;
        int row = first + AttentionMmaTile.Row;
        AttentionMma<TWidth>.StageOuter(shared, 0, a.KeyRows(a.K, batch, keyHead), first);
        AttentionMma<TWidth>.StageOuter(
            shared, AttentionMma<TWidth>.Outer, a.KeyRows(a.V, batch, keyHead), first);
        Group.Barrier();
        AttentionMmaRows k = AttentionMma<TWidth>.Load(words, AttentionMma<TWidth>.OuterSource(0));
        int v = AttentionMma<TWidth>.OuterSource(AttentionMma<TWidth>.Outer);
        AttentionMmaSums sums = default;
        for (int head = keyHead * sharing; head < (keyHead + 1) * sharing; head++)
        {
            AttentionRows<TStored, TStorage> q = a.QueryRows(a.Q, batch, head), dy = a.QueryRows(a.Dy, batch, head);
            long vector = at.Row(batch, head, 0);
            AttentionMmaAhead ahead = AttentionMma<TWidth>.Ahead(dy, q, at.FirstSeeing(first));
            for (int start = at.FirstSeeing(first); start < at.Queries; start += AttentionMma.Inner)
            {
                int column = start + AttentionMmaTile.Column;
                bool hides = !at.SeesAll(start, AttentionMma.Inner, first, AttentionMma.Outer);
                Group.Barrier();
                AttentionMma<TWidth>.StageInner(shared, ahead, dy, q, start, hides);
                Group.Barrier();
                int next = start + AttentionMma.Inner;
                if (next < at.Queries) ahead = AttentionMma<TWidth>.Ahead(dy, q, next);
                AttentionMmaTile s = AttentionMma<TWidth>.Dots(k, words, AttentionMma<TWidth>.Mixed);
                AttentionMmaTile dp = AttentionMma<TWidth>.Dots(v, words, 0);
                s.WeighColumns(a.Scale, a.Lse, vector, column, at.Queries);
                s.SlopeColumns(dp, a.Delta, vector, column, at.Queries);
                if (hides) s.MaskQueries(at, row, column);
                AttentionMma<TWidth>.Mix(ref sums, s, words, AttentionMma<TWidth>.Mixed);
            }
        }
        sums.Scale<TWidth>(a.Scale, a.Scale);
        sums.Put<TWidth, TStored, TStorage>(a.KeyRows(a.To, batch, keyHead), row, a.Adds);
    }
}
