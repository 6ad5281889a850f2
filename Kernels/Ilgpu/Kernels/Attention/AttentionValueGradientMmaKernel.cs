namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dv = Σ p·dy with p = exp(scale·q·k - lse), over the queries of every head that shares the value, on tensor
/// cores: q, k, dy and p rounded to the format, sums in floats. q, dy:[B,T,H,D]  k, dv:[B,S,G,D]  lse:[B,H,T], D up to
/// 128</summary>
/// <remarks>Idea: as <see cref="AttentionKeyGradientMmaKernel{TWidth, TFormat, TStaging, TStored, TStorage}"/>. In wide heads the
/// sums of both gradients would not fit into a lane's registers, so the weights are computed a second time.</remarks>
internal static class AttentionValueGradientMmaKernel<TWidth, TFormat, TStaging, TStored, TStorage>
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
                Start = at.Row(batch, head, 0),
                End = at.Queries,
                IsUsed = 1,
            };
            AttentionMma<TWidth, TFormat, TStaging>.Send(ref ahead, shared, q, dy, at.FirstSeeing(first), at.Queries, columns);
            for (int start = at.FirstSeeing(first); start < at.Queries; start += AttentionMma.Inner)
            {
                bool hides = !at.SeesAll(start, AttentionMma.Inner, first, AttentionMma.Outer);
                int queries = AttentionMma<TWidth, TFormat, TStaging>.Arrive(
                    ref ahead, shared, q, dy, start, at.Queries, hides, columns);
                int slopes = queries + AttentionMma<TWidth, TFormat, TStaging>.Mixed;
                AttentionMmaTile p = AttentionMma<TWidth, TFormat, TStaging>.Dots(k, words, queries);
                p.WeighColumns(a.Units.Signed,
                    AttentionMma<TWidth, TFormat, TStaging>.Shifts(words, columns, queries, start),
                    AttentionMma<TWidth, TFormat, TStaging>.Rests(words, columns, queries, start));
                if (hides) p.MaskQueries(at, row, start + AttentionMmaTile.Column);
                AttentionMma<TWidth, TFormat, TStaging>.Mix(ref sums, p, words, slopes);
            }
        }
        sums.Put<TWidth, TStored, TStorage>(a.KeyRows(a.To, batch, keyHead), row, a.Adds);
    }
}
