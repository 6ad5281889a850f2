namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dq = scale·Σ_S ds·k with ds = p⊙(dy·v - delta) and p = exp(scale·q·k - lse) on tensor cores: q, k, v, dy
/// and ds rounded to the format, sums in floats. q, dy, dq:[B,T,H,D]  k, v:[B,S,G,D]  lse, delta:[B,H,T], D up to 128</summary>
/// <remarks>Idea: as <see cref="AttentionMmaKernel{TWidth, TFormat, TStaging, TStored, TStorage}"/>; the queries stay in
/// registers, their dy in shared memory or where they are.</remarks>
internal static class AttentionQueryGradientMmaKernel<TWidth, TFormat, TStaging, TStored, TStorage>
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
        int block = a.Blocks - 1 - Grid.IdxX % a.Blocks, pair = Grid.IdxX / a.Blocks;
        int head = pair % at.Heads, batch = pair / at.Heads, keyHead = head / (at.Heads / at.KeyHeads);
        int first = block * AttentionMma.Outer, last = first + AttentionMma.Outer - 1, row = first + AttentionMmaTile.Row;
        int end = at.Seen(last < at.Queries ? last : at.Queries - 1);
        AttentionRows<TStored, TStorage> k = a.KeyRows(a.K, batch, keyHead), v = a.KeyRows(a.V, batch, keyHead);
        AttentionMmaAhead ahead = default;
        AttentionMma<TWidth, TFormat, TStaging>.Send(ref ahead, shared, v, k, 0, end);
        AttentionMma<TWidth, TFormat, TStaging>.StageOuter(shared, a.QueryRows(a.Q, batch, head), first);
        AttentionRows<TStored, TStorage> dy = a.QueryRows(a.Dy, batch, head);
        AttentionMma<TWidth, TFormat, TStaging>.StageSecond(shared, dy, first);
        AttentionMmaRows q = AttentionMma<TWidth, TFormat, TStaging>.LoadOuter(words);
        Pair<float> shifts = Two(a.Shift, at, batch, head, row), rests = Two(a.Rest, at, batch, head, row);
        Pair<float> deltas = Two(a.Delta, at, batch, head, row);
        AttentionMmaSums sums = default;
        for (int start = 0; start < end; start += AttentionMma.Inner)
        {
            bool hides = !at.SeesAll(first, AttentionMma.Outer, start, AttentionMma.Inner);
            int values = AttentionMma<TWidth, TFormat, TStaging>.Arrive(ref ahead, shared, v, k, start, end, hides);
            int keys = values + AttentionMma<TWidth, TFormat, TStaging>.Mixed;
            AttentionMmaTile s = AttentionMma<TWidth, TFormat, TStaging>.Dots(q, words, keys);
            AttentionMmaTile dp = AttentionMma<TWidth, TFormat, TStaging>.DotsOfSecond(dy, row, words, values);
            s.WeighRows(a.Units.Signed, shifts, rests);
            s.SlopeRows(dp, deltas.X, deltas.Y);
            if (hides) s.MaskKeys(at, row, start + AttentionMmaTile.Column, 0);
            AttentionMma<TWidth, TFormat, TStaging>.Mix(ref sums, s, words, keys);
        }
        sums.Scale<TWidth>(a.Scale, a.Scale);
        sums.Put<TWidth, TStored, TStorage>(a.QueryRows(a.To, batch, head), row, a.Adds);
    }

    private static Pair<float> Two(ArrayView<float> x, AttentionShape at, int batch, int head, int row) => new()
    {
        X = row < at.Queries ? x[at.Row(batch, head, row)] : 0,
        Y = row + 8 < at.Queries ? x[at.Row(batch, head, row + 8)] : 0,
    };
}
