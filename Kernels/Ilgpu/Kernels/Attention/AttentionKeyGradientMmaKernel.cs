namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dk = scale·Σ ds·q with ds = p⊙(dy·v - delta) and p = exp(scale·q·k - lse), over the queries of every head that shares
/// the key, on tensor cores: q, k, v, dy and ds rounded to the format, sums in floats. q, dy:[B,T,H,D]
/// k, v, dk:[B,S,G,D]  lse, delta:[B,H,T], D up to 128</summary>
/// <remarks>Idea: as <see cref="AttentionKeyGradientTiledKernel{TWidth}"/>, with sixteen keys per warp; they stay in registers,
/// their values in shared memory or where they are.</remarks>
internal static class AttentionKeyGradientMmaKernel<TWidth, TFormat, TStored, TStorage>
    where TWidth : struct, IAttentionWidth
    where TFormat : struct, IMmaFormat
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
{
    public static void Run(AttentionTiledArguments<TStored, TStorage> a)
    {
        ArrayView<Words4> shared = SharedMemory.Allocate<Words4>(AttentionMma<TWidth, TFormat>.QuadsOfTwo);
        ArrayView<uint> words = shared.Cast<uint>();
        AttentionShape at = a.Shape;
        int first = Grid.IdxX % a.Blocks * AttentionMma.Outer, pair = Grid.IdxX / a.Blocks;
        int keyHead = pair % at.KeyHeads, batch = pair / at.KeyHeads, sharing = at.Heads / at.KeyHeads;
        int row = first + AttentionMmaTile.Row;
        AttentionMma<TWidth, TFormat>.StageOuter(shared, 0, a.KeyRows(a.K, batch, keyHead), first);
        AttentionRows<TStored, TStorage> v = a.KeyRows(a.V, batch, keyHead);
        AttentionMma<TWidth, TFormat>.StageSecond(shared, v, first);
        Group.Barrier();
        AttentionMmaRows k = AttentionMma<TWidth, TFormat>.LoadOuter(words);
        AttentionMmaSums sums = default;
        for (int head = keyHead * sharing; head < (keyHead + 1) * sharing; head++)
        {
            AttentionRows<TStored, TStorage> q = a.QueryRows(a.Q, batch, head), dy = a.QueryRows(a.Dy, batch, head);
            long vector = at.Row(batch, head, 0);
            AttentionMmaAhead ahead = AttentionMma<TWidth, TFormat>.Ahead(dy, q, at.FirstSeeing(first));
            for (int start = at.FirstSeeing(first); start < at.Queries; start += AttentionMma.Inner)
            {
                int column = start + AttentionMmaTile.Column;
                bool hides = !at.SeesAll(start, AttentionMma.Inner, first, AttentionMma.Outer);
                Group.Barrier();
                AttentionMma<TWidth, TFormat>.StageInner(shared, ahead, dy, q, start, hides);
                Group.Barrier();
                int next = start + AttentionMma.Inner;
                if (next < at.Queries) ahead = AttentionMma<TWidth, TFormat>.Ahead(dy, q, next);
                AttentionMmaTile s = AttentionMma<TWidth, TFormat>.Dots(k, words, AttentionMma<TWidth, TFormat>.Mixed);
                AttentionMmaTile dp = AttentionMma<TWidth, TFormat>.DotsOfSecond(v, row, words, 0);
                s.WeighColumns(a.Scale, a.Lse, vector, column, at.Queries);
                s.SlopeColumns(dp, a.Delta, vector, column, at.Queries);
                if (hides) s.MaskQueries(at, row, column);
                AttentionMma<TWidth, TFormat>.Mix(ref sums, s, words, AttentionMma<TWidth, TFormat>.Mixed);
            }
        }
        sums.Scale<TWidth>(a.Scale, a.Scale);
        sums.Put<TWidth, TStored, TStorage>(a.KeyRows(a.To, batch, keyHead), row, a.Adds);
    }
}
