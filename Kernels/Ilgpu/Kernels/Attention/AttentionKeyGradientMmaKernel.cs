namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dk = scale·Σ ds·q with ds = p⊙(dy·v - delta) and p = exp(scale·q·k - lse), over the queries of every head that shares
/// the key, on tensor cores: q, k, v, dy and ds rounded to the format, sums in floats. q, dy:[B,T,H,D]
/// k, v, dk:[B,S,G,D]  lse, delta:[B,H,T], D up to 128</summary>
/// <remarks>Idea: as <see cref="AttentionKeyGradientTiledKernel{TWidth}"/>, with sixteen keys per warp; they stay in registers,
/// their values in shared memory or where they are.</remarks>
internal static class AttentionKeyGradientMmaKernel<TWidth, TFormat, TStaging, TStored, TStorage>
    where TWidth : struct, IAttentionWidth
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
        AttentionMma<TWidth, TFormat, TStaging>.StageOuter(shared, a.KeyRows(a.K, batch, keyHead), first);
        AttentionRows<TStored, TStorage> v = a.KeyRows(a.V, batch, keyHead);
        AttentionMma<TWidth, TFormat, TStaging>.StageSecond(shared, v, first);
        AttentionMmaRows k = AttentionMma<TWidth, TFormat, TStaging>.LoadOuter(words);
        AttentionMmaSums sums = default;
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
            AttentionMma<TWidth, TFormat, TStaging>.Send(ref ahead, shared, dy, q, at.FirstSeeing(first), at.Queries, columns);
            for (int start = at.FirstSeeing(first); start < at.Queries; start += AttentionMma.Inner)
            {
                bool hides = !at.SeesAll(start, AttentionMma.Inner, first, AttentionMma.Outer);
                int slopes = AttentionMma<TWidth, TFormat, TStaging>.Arrive(
                    ref ahead, shared, dy, q, start, at.Queries, hides, columns);
                int queries = slopes + AttentionMma<TWidth, TFormat, TStaging>.Mixed;
                AttentionMmaTile s = AttentionMma<TWidth, TFormat, TStaging>.Dots(k, words, queries);
                AttentionMmaTile dp = AttentionMma<TWidth, TFormat, TStaging>.DotsOfSecond(v, row, words, slopes);
                s.WeighColumns(a.Units.Signed,
                    AttentionMma<TWidth, TFormat, TStaging>.Shifts(words, columns, slopes, start),
                    AttentionMma<TWidth, TFormat, TStaging>.Rests(words, columns, slopes, start));
                s.SlopeColumns(dp, AttentionMma<TWidth, TFormat, TStaging>.Deltas(words, columns, slopes, start));
                if (hides) s.MaskQueries(at, row, start + AttentionMmaTile.Column);
                AttentionMma<TWidth, TFormat, TStaging>.Mix(ref sums, s, words, queries);
            }
        }
        sums.Scale<TWidth>(a.Scale, a.Scale);
        sums.Put<TWidth, TStored, TStorage>(a.KeyRows(a.To, batch, keyHead), row, a.Adds);
    }
}
