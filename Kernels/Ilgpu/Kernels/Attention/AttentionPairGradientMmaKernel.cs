namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dk = scale·Σ ds·q and dv = Σ p·dy with p = exp(scale·q·k - lse) and ds = p⊙(dy·v - delta), over the queries of every
/// head that shares key and value, on tensor cores, the third rung for narrow heads: q, k, v, dy, p and ds rounded to bf16, sums
/// in floats. q, dy:[B,T,H,D]  k, v, dk, dv:[B,S,G,D]  lse, delta:[B,H,T], D up to 64</summary>
/// <remarks>Idea: <see cref="AttentionKeyGradientMmaKernel{TWidth, TStored, TStorage}"/> and
/// <see cref="AttentionValueGradientMmaKernel{TWidth, TStored, TStorage}"/>
/// in one, number for number, with rows staged and weights computed once. Both panels are mixed, so where the mask hides
/// something, neither may hold what is not finite; the log-sum or delta of such a query is not finite either, and makes
/// NaN of its weights.</remarks>
internal static class AttentionPairGradientMmaKernel<TStored, TStorage>
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
{
    public static void Run(AttentionTiledArguments<TStored, TStorage> a)
    {
        ArrayView<Words4> shared = SharedMemory.Allocate<Words4>(4 * 32 * 36 / 4);
        ArrayView<uint> words = shared.Cast<uint>();
        AttentionShape at = a.Shape;
        int first = Grid.IdxX % a.Blocks * AttentionMma.Outer, pair = Grid.IdxX / a.Blocks;
        int keyHead = pair % at.KeyHeads, batch = pair / at.KeyHeads, sharing = at.Heads / at.KeyHeads;
        int row = first + AttentionMmaTile.Row;
        AttentionMma<AttentionNarrow>.StageOuter(shared, 0, a.KeyRows(a.K, batch, keyHead), first);
        AttentionMma<AttentionNarrow>.StageOuter(
            shared, AttentionMma<AttentionNarrow>.Outer, a.KeyRows(a.V, batch, keyHead), first);
        Group.Barrier();
        AttentionMmaRows k = AttentionMma<AttentionNarrow>.Load(words, AttentionMma<AttentionNarrow>.OuterSource(0));
        int v = AttentionMma<AttentionNarrow>.OuterSource(AttentionMma<AttentionNarrow>.Outer);
        AttentionMmaSums keys = default, values = default;
        for (int head = keyHead * sharing; head < (keyHead + 1) * sharing; head++)
        {
            AttentionRows<TStored, TStorage> q = a.QueryRows(a.Q, batch, head), dy = a.QueryRows(a.Dy, batch, head);
            long vector = at.Row(batch, head, 0);
            AttentionMmaAhead ahead = AttentionMma<AttentionNarrow>.Ahead(dy, q, at.FirstSeeing(first));
            for (int start = at.FirstSeeing(first); start < at.Queries; start += AttentionMma.Inner)
            {
                int column = start + AttentionMmaTile.Column;
                bool hides = !at.SeesAll(start, AttentionMma.Inner, first, AttentionMma.Outer);
                Group.Barrier();
                AttentionMma<AttentionNarrow>.StageInner(shared, ahead, dy, q, start, hides, mixesBoth: true);
                Group.Barrier();
                int next = start + AttentionMma.Inner;
                if (next < at.Queries) ahead = AttentionMma<AttentionNarrow>.Ahead(dy, q, next);
                AttentionMmaTile s = AttentionMma<AttentionNarrow>.Dots(k, words, AttentionMma<AttentionNarrow>.Mixed);
                AttentionMmaTile dp = AttentionMma<AttentionNarrow>.Dots(v, words, 0);
                s.WeighColumns(a.Scale, a.Lse, vector, column, at.Queries);
                if (hides) s.PoisonColumns(a.Lse, a.Delta, vector, column, at.Queries);
                if (hides) s.MaskQueries(at, row, column);
                AttentionMma<AttentionNarrow>.Mix(ref values, s, words, 0);
                s.SlopeColumns(dp, a.Delta, vector, column, at.Queries);
                if (hides) s.MaskQueries(at, row, column);
                AttentionMma<AttentionNarrow>.Mix(ref keys, s, words, AttentionMma<AttentionNarrow>.Mixed);
            }
        }
        keys.Scale<AttentionNarrow>(a.Scale, a.Scale);
        keys.Put<AttentionNarrow, TStored, TStorage>(a.KeyRows(a.To, batch, keyHead), row, a.Adds);
        values.Put<AttentionNarrow, TStored, TStorage>(a.KeyRows(a.ToV, batch, keyHead), row, a.AddsV);
    }
}
