namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = softmax(scale·q·kᵀ)·v and lse on tensor cores: q, k, v and the weights rounded to the format, sums in
/// floats. q, y:[B,T,H,D]  k, v:[B,S,G,D]  lse:[B,H,T], D up to 128</summary>
/// <remarks>Idea: as <see cref="AttentionTiledKernel{TWidth}"/>, with sixteen queries per warp. The queries stay in registers, a
/// row of scores lies in four lanes, and the weights are the next product's left factor where they are
/// (<see cref="AttentionMma{TWidth, TFormat}"/>).</remarks>
internal static class AttentionMmaKernel<TWidth, TFormat, TStored, TStorage>
    where TWidth : struct, IAttentionWidth
    where TFormat : struct, IMmaFormat
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
{
    public static void Run(AttentionTiledArguments<TStored, TStorage> a)
    {
        ArrayView<Words4> shared = SharedMemory.Allocate<Words4>(AttentionMma<TWidth, TFormat>.Quads);
        AttentionShape at = a.Shape;
        int block = a.Blocks - 1 - Grid.IdxX % a.Blocks, pair = Grid.IdxX / a.Blocks;
        int head = pair % at.Heads, batch = pair / at.Heads, keyHead = head / (at.Heads / at.KeyHeads);
        int first = block * AttentionMma.Outer, last = first + AttentionMma.Outer - 1, row = first + AttentionMmaTile.Row;
        int end = at.Seen(last < at.Queries ? last : at.Queries - 1);
        AttentionRows<TStored, TStorage> k = a.KeyRows(a.K, batch, keyHead), v = a.KeyRows(a.V, batch, keyHead);
        AttentionMma<TWidth, TFormat>.StageOuter(shared, 0, a.QueryRows(a.Q, batch, head), first);
        Group.Barrier();
        AttentionMmaRows q = AttentionMma<TWidth, TFormat>.LoadOuter(shared.Cast<uint>());
        AttentionMmaSums sums = default;
        AttentionMmaSoftmax softmax = AttentionMmaSoftmax.Start;
        AttentionMmaAhead ahead = AttentionMma<TWidth, TFormat>.Ahead(k, v, 0);
        for (int start = 0; start < end; start += AttentionMma.Inner)
        {
            bool hides = !at.SeesAll(first, AttentionMma.Outer, start, AttentionMma.Inner);
            Group.Barrier();
            AttentionMma<TWidth, TFormat>.StageInner(shared, ahead, k, v, start, hides);
            Group.Barrier();
            int next = start + AttentionMma.Inner;
            if (next < end) ahead = AttentionMma<TWidth, TFormat>.Ahead(k, v, next);
            AttentionMmaTile s = AttentionMma<TWidth, TFormat>.Dots(q, shared.Cast<uint>(), 0);
            s.Scale(a.Scale * AttentionSoftmax.Log2E);
            if (hides) s.MaskKeys(at, row, start + AttentionMmaTile.Column, float.NegativeInfinity);
            softmax.Update(ref s, out float shrinkTop, out float shrinkBottom);
            sums.Scale<TWidth>(shrinkTop, shrinkBottom);
            AttentionMma<TWidth, TFormat>.Mix(ref sums, s, shared.Cast<uint>(), AttentionMma<TWidth, TFormat>.Mixed);
        }
        softmax.Finish(out float lseTop, out float lseBottom, out float top, out float bottom);
        sums.Scale<TWidth>(top, bottom);
        sums.Put<TWidth, TStored, TStorage>(a.QueryRows(a.To, batch, head), row, 0);
        if (AttentionMmaTile.Column != 0) return;
        if (row < at.Queries) a.Lse[at.Row(batch, head, row)] = lseTop;
        if (row + 8 < at.Queries) a.Lse[at.Row(batch, head, row + 8)] = lseBottom;
    }
}
