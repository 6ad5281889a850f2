namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = softmax(scale·q·kᵀ)·v and lse on tensor cores: q, k, v and the weights rounded to the format, sums in
/// floats. q, y:[B,T,H,D]  k, v:[B,S,G,D]  lse:[B,H,T], D up to 128</summary>
/// <remarks>Idea: as <see cref="AttentionTiledKernel{TWidth}"/>, with sixteen queries per warp. The queries stay in registers, a
/// row of scores lies in four lanes, and the weights are the next product's left factor where they are
/// (<see cref="AttentionMma{TWidth, TFormat, TStaging}"/>).</remarks>
internal static class AttentionMmaKernel<TWidth, TFormat, TStaging, TStored, TStorage>
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
        AttentionMma<TWidth, TFormat, TStaging>.Send(ref ahead, shared, k, v, 0, end);
        AttentionMma<TWidth, TFormat, TStaging>.StageOuter(shared, a.QueryRows(a.Q, batch, head), first);
        AttentionMmaRows q = AttentionMma<TWidth, TFormat, TStaging>.LoadOuter(words);
        AttentionMmaSums sums = default;
        AttentionMmaSoftmax softmax = AttentionMmaSoftmax.Start;
        for (int start = 0; start < end; start += AttentionMma.Inner)
        {
            bool hides = !at.SeesAll(first, AttentionMma.Outer, start, AttentionMma.Inner);
            int keys = AttentionMma<TWidth, TFormat, TStaging>.Arrive(ref ahead, shared, k, v, start, end, hides);
            int values = keys + AttentionMma<TWidth, TFormat, TStaging>.Mixed;
            AttentionMmaTile s = AttentionMma<TWidth, TFormat, TStaging>.Dots(q, words, keys);
            s.Scale(a.Units.Sign);
            if (hides) s.MaskKeys(at, row, start + AttentionMmaTile.Column, float.NegativeInfinity);
            softmax.Update(ref s, a.Units.Factor, out float shrinkTop, out float shrinkBottom);
            // Later blocks seldom shrink anything; but in wide heads the branch takes registers that a third group needs.
            if (TWidth.IsWide || shrinkTop != 1 || shrinkBottom != 1) sums.Scale<TWidth>(shrinkTop, shrinkBottom);
            AttentionMma<TWidth, TFormat, TStaging>.Mix(ref sums, s, words, values);
        }
        softmax.Finish(out float top, out float bottom);
        sums.Scale<TWidth>(top, bottom);
        sums.Put<TWidth, TStored, TStorage>(a.QueryRows(a.To, batch, head), row, 0);
        if (AttentionMmaTile.Column != 0) return;
        if (row < at.Queries) a.Lse[at.Row(batch, head, row)] = a.Units.LogSum(softmax.LargestTop, softmax.SumTop);
        if (row + 8 < at.Queries) a.Lse[at.Row(batch, head, row + 8)] = a.Units.LogSum(softmax.LargestBottom, softmax.SumBottom);
    }
}
