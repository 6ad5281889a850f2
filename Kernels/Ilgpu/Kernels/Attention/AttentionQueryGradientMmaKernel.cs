namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dq = scale·Σ_S ds·k with ds = p⊙(dy·v - delta) and p = exp(scale·q·k - lse) on tensor cores, the third rung: q, k, v,
/// dy and ds rounded to bf16, sums in floats. q, dy, dq:[B,T,H,D]  k, v:[B,S,G,D]  lse, delta:[B,H,T], D up to 128</summary>
/// <remarks>Idea: as <see cref="AttentionMmaKernel{TWidth, TStored, TStorage}"/>; the queries stay in registers, their dy in
/// shared
/// memory.</remarks>
internal static class AttentionQueryGradientMmaKernel<TWidth, TStored, TStorage>
    where TWidth : struct, IAttentionWidth
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
{
    public static void Run(AttentionTiledArguments<TStored, TStorage> a)
    {
        ArrayView<Words4> shared = SharedMemory.Allocate<Words4>(TWidth.IsWide ? 4 * 32 * 68 / 4 : 4 * 32 * 36 / 4);
        ArrayView<uint> words = shared.Cast<uint>();
        AttentionShape at = a.Shape;
        int block = a.Blocks - 1 - Grid.IdxX % a.Blocks, pair = Grid.IdxX / a.Blocks;
        int head = pair % at.Heads, batch = pair / at.Heads, keyHead = head / (at.Heads / at.KeyHeads);
        int first = block * AttentionMma.Outer, last = first + AttentionMma.Outer - 1, row = first + AttentionMmaTile.Row;
        int end = at.Seen(last < at.Queries ? last : at.Queries - 1);
        AttentionRows<TStored, TStorage> k = a.KeyRows(a.K, batch, keyHead), v = a.KeyRows(a.V, batch, keyHead);
        AttentionMma<TWidth>.StageOuter(shared, 0, a.QueryRows(a.Q, batch, head), first);
        AttentionMma<TWidth>.StageOuter(
            shared, AttentionMma<TWidth>.Outer, a.QueryRows(a.Dy, batch, head), first);
        Group.Barrier();
        AttentionMmaRows q = AttentionMma<TWidth>.Load(words, AttentionMma<TWidth>.OuterSource(0));
        int dy = AttentionMma<TWidth>.OuterSource(AttentionMma<TWidth>.Outer);
        float lse = One(a.Lse, at, batch, head, row), lseBelow = One(a.Lse, at, batch, head, row + 8);
        float delta = One(a.Delta, at, batch, head, row), deltaBelow = One(a.Delta, at, batch, head, row + 8);
        AttentionMmaSums sums = default;
        AttentionMmaAhead ahead = AttentionMma<TWidth>.Ahead(v, k, 0);
        for (int start = 0; start < end; start += AttentionMma.Inner)
        {
            bool hides = !at.SeesAll(first, AttentionMma.Outer, start, AttentionMma.Inner);
            Group.Barrier();
            AttentionMma<TWidth>.StageInner(shared, ahead, v, k, start, hides);
            Group.Barrier();
            int next = start + AttentionMma.Inner;
            if (next < end) ahead = AttentionMma<TWidth>.Ahead(v, k, next);
            AttentionMmaTile s = AttentionMma<TWidth>.Dots(q, words, AttentionMma<TWidth>.Mixed);
            AttentionMmaTile dp = AttentionMma<TWidth>.Dots(dy, words, 0);
            s.WeighRows(a.Scale, lse, lseBelow);
            s.SlopeRows(dp, delta, deltaBelow);
            if (hides) s.MaskKeys(at, row, start + AttentionMmaTile.Column, 0);
            AttentionMma<TWidth>.Mix(ref sums, s, words, AttentionMma<TWidth>.Mixed);
        }
        sums.Scale<TWidth>(a.Scale, a.Scale);
        sums.Put<TWidth, TStored, TStorage>(a.QueryRows(a.To, batch, head), row, a.Adds);
    }

    private static float One(ArrayView<float> x, AttentionShape at, int batch, int head, int row) =>
        row < at.Queries ? x[at.Row(batch, head, row)] : 0;
}
