namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dk = scale·Σ ds·q and dv = Σ p·dy with p = exp(scale·q·k - lse) and ds = p⊙(dy·v - delta), over the queries of every
/// head that shares key and value, on tensor cores, for narrow heads: q, k, v, dy, p and ds rounded to the format, sums in
/// floats. q, dy:[B,T,H,D]  k, v, dk, dv:[B,S,G,D]  lse, delta:[B,H,T], D up to 64</summary>
/// <remarks>Idea: <see cref="AttentionKeyGradientMmaKernel{TWidth, TFormat, TStaging, TStored, TStorage}"/> and
/// <see cref="AttentionValueGradientMmaKernel{TWidth, TFormat, TStaging, TStored, TStorage}"/> in one, number for number, with
/// rows staged and weights computed once. Both panels are mixed, so where the mask hides something, neither may hold what is not
/// finite; the log-sum or delta of such a query is not finite either, and makes NaN of its weights.</remarks>
internal static class AttentionPairGradientMmaKernel<TFormat, TStaging, TStored, TStorage>
    where TFormat : struct, IMmaFormat
    where TStaging : struct, IAttentionStaging
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
{
    public static void Run(AttentionTiledArguments<TStored, TStorage> a)
    {
        ArrayView<Words4> shared = SharedMemory.GetDynamic<Words4>();
        ArrayView<uint> words = shared.Cast<uint>();
        AttentionShape at = a.Shape;
        int first = Grid.IdxX % a.Blocks * AttentionMma.Outer, pair = Grid.IdxX / a.Blocks;
        int keyHead = pair % at.KeyHeads, batch = pair / at.KeyHeads, sharing = at.Heads / at.KeyHeads;
        int row = first + AttentionMmaTile.Row;
        AttentionMma<AttentionNarrow, TFormat, TStaging>.StageOuter(shared, a.KeyRows(a.K, batch, keyHead), first);
        AttentionRows<TStored, TStorage> v = a.KeyRows(a.V, batch, keyHead);
        AttentionMma<AttentionNarrow, TFormat, TStaging>.StageSecond(shared, v, first);
        AttentionMmaRows k = AttentionMma<AttentionNarrow, TFormat, TStaging>.LoadOuter(words);
        AttentionMmaSums keys = default, values = default;
        AttentionMmaAhead ahead = default;
        for (int head = keyHead * sharing; head < (keyHead + 1) * sharing; head++)
        {
            AttentionRows<TStored, TStorage> q = a.QueryRows(a.Q, batch, head), dy = a.QueryRows(a.Dy, batch, head);
            AttentionMmaColumns columns = new()
            {
                Shifts = a.Shift,
                Rests = a.Rest,
                Deltas = a.Delta,
                Start = at.Row(batch, head, 0),
                End = at.Queries,
                IsUsed = 1,
                HasDeltas = 1,
            };
            AttentionMma<AttentionNarrow, TFormat, TStaging>.Send(
                ref ahead, shared, dy, q, at.FirstSeeing(first), at.Queries, columns);
            for (int start = at.FirstSeeing(first); start < at.Queries; start += AttentionMma.Inner)
            {
                bool hides = !at.SeesAll(start, AttentionMma.Inner, first, AttentionMma.Outer);
                int slopes = AttentionMma<AttentionNarrow, TFormat, TStaging>.Arrive(
                    ref ahead, shared, dy, q, start, at.Queries, hides, columns, mixesBoth: true);
                int queries = slopes + AttentionMma<AttentionNarrow, TFormat, TStaging>.Mixed;
                AttentionMmaTile s = AttentionMma<AttentionNarrow, TFormat, TStaging>.Dots(k, words, queries);
                AttentionMmaTile dp = AttentionMma<AttentionNarrow, TFormat, TStaging>.DotsOfSecond(v, row, words, slopes);
                s.WeighColumns(a.Units.Signed,
                    AttentionMma<AttentionNarrow, TFormat, TStaging>.Shifts(words, columns, slopes, start),
                    AttentionMma<AttentionNarrow, TFormat, TStaging>.Rests(words, columns, slopes, start));
                if (hides)
                    s.PoisonColumns(AttentionMma<AttentionNarrow, TFormat, TStaging>.Shifts(words, columns, slopes, start),
                        AttentionMma<AttentionNarrow, TFormat, TStaging>.Deltas(words, columns, slopes, start));
                if (hides) s.MaskQueries(at, row, start + AttentionMmaTile.Column);
                AttentionMma<AttentionNarrow, TFormat, TStaging>.Mix(ref values, s, words, slopes);
                s.SlopeColumns(dp, AttentionMma<AttentionNarrow, TFormat, TStaging>.Deltas(words, columns, slopes, start));
                if (hides) s.MaskQueries(at, row, start + AttentionMmaTile.Column);
                AttentionMma<AttentionNarrow, TFormat, TStaging>.Mix(ref keys, s, words, queries);
            }
        }
        keys.Scale<AttentionNarrow>(a.Scale, a.Scale);
        keys.Put<AttentionNarrow, TStored, TStorage>(a.KeyRows(a.To, batch, keyHead), row, a.Adds);
        values.Put<AttentionNarrow, TStored, TStorage>(a.KeyRows(a.ToV, batch, keyHead), row, a.AddsV);
    }
}
