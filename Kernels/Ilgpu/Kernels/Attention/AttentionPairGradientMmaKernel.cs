namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dk = scale·Σ ds·q and dv = Σ p·dy with p = exp(scale·q·k - lse) and ds = p⊙(dy·v - delta), over the queries of every
/// head that shares key and value, on tensor cores, for narrow heads: q, k, v, dy, p and ds rounded to the format, sums in
/// floats. q, dy:[B,T,H,D]  k, v, dk, dv:[B,S,G,D]  lse, delta:[B,H,T], D up to 64</summary>
/// <remarks>Idea: <see cref="AttentionKeyGradientMmaKernel{TWidth, TFormat, TStored, TStorage}"/> and
/// <see cref="AttentionValueGradientMmaKernel{TWidth, TFormat, TStored, TStorage}"/> in one, number for number, with rows staged
/// and weights computed once. Both panels are mixed, so where the mask hides something, neither may hold what is not finite; the
/// log-sum or delta of such a query is not finite either, and makes NaN of its weights.</remarks>
internal static class AttentionPairGradientMmaKernel<TFormat, TStored, TStorage>
    where TFormat : struct, IMmaFormat
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
{
    public static void Run(AttentionTiledArguments<TStored, TStorage> a)
    {
        ArrayView<Words4> shared = SharedMemory.Allocate<Words4>(AttentionMma<AttentionNarrow, TFormat>.QuadsOfTwo);
        ArrayView<uint> words = shared.Cast<uint>();
        AttentionShape at = a.Shape;
        int first = Grid.IdxX % a.Blocks * AttentionMma.Outer, pair = Grid.IdxX / a.Blocks;
        int keyHead = pair % at.KeyHeads, batch = pair / at.KeyHeads, sharing = at.Heads / at.KeyHeads;
        int row = first + AttentionMmaTile.Row;
        AttentionMma<AttentionNarrow, TFormat>.StageOuter(shared, 0, a.KeyRows(a.K, batch, keyHead), first);
        AttentionRows<TStored, TStorage> v = a.KeyRows(a.V, batch, keyHead);
        AttentionMma<AttentionNarrow, TFormat>.StageSecond(shared, v, first);
        Group.Barrier();
        AttentionMmaRows k = AttentionMma<AttentionNarrow, TFormat>.LoadOuter(words);
        AttentionMmaSums keys = default, values = default;
        for (int head = keyHead * sharing; head < (keyHead + 1) * sharing; head++)
        {
            AttentionRows<TStored, TStorage> q = a.QueryRows(a.Q, batch, head), dy = a.QueryRows(a.Dy, batch, head);
            long vector = at.Row(batch, head, 0);
            AttentionMmaAhead ahead = AttentionMma<AttentionNarrow, TFormat>.Ahead(dy, q, at.FirstSeeing(first));
            for (int start = at.FirstSeeing(first); start < at.Queries; start += AttentionMma.Inner)
            {
                int column = start + AttentionMmaTile.Column;
                bool hides = !at.SeesAll(start, AttentionMma.Inner, first, AttentionMma.Outer);
                Group.Barrier();
                AttentionMma<AttentionNarrow, TFormat>.StageInner(shared, ahead, dy, q, start, hides, mixesBoth: true);
                Group.Barrier();
                int next = start + AttentionMma.Inner;
                if (next < at.Queries) ahead = AttentionMma<AttentionNarrow, TFormat>.Ahead(dy, q, next);
                AttentionMmaTile s =
                    AttentionMma<AttentionNarrow, TFormat>.Dots(k, words, AttentionMma<AttentionNarrow, TFormat>.Mixed);
                AttentionMmaTile dp = AttentionMma<AttentionNarrow, TFormat>.DotsOfSecond(v, row, words, 0);
                s.WeighColumns(a.Scale, a.Lse, vector, column, at.Queries);
                if (hides) s.PoisonColumns(a.Lse, a.Delta, vector, column, at.Queries);
                if (hides) s.MaskQueries(at, row, column);
                AttentionMma<AttentionNarrow, TFormat>.Mix(ref values, s, words, 0);
                s.SlopeColumns(dp, a.Delta, vector, column, at.Queries);
                if (hides) s.MaskQueries(at, row, column);
                AttentionMma<AttentionNarrow, TFormat>.Mix(ref keys, s, words, AttentionMma<AttentionNarrow, TFormat>.Mixed);
            }
        }
        keys.Scale<AttentionNarrow>(a.Scale, a.Scale);
        keys.Put<AttentionNarrow, TStored, TStorage>(a.KeyRows(a.To, batch, keyHead), row, a.Adds);
        values.Put<AttentionNarrow, TStored, TStorage>(a.KeyRows(a.ToV, batch, keyHead), row, a.AddsV);
    }
}
