namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What a warp mixes for its sixteen rows: a fragment for each eight features, up to 128.</summary>
internal struct AttentionMmaSums
{
    public Quad<float> S0, S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13, S14, S15;

    /// <summary>Multiplies the lane's two rows.</summary>
    public void Scale<TWidth>(float top, float bottom) where TWidth : struct, IAttentionWidth
    {
        Quad<float> by = new() { X = top, Y = top, Z = bottom, W = bottom };
        (S0, S1, S2, S3) = (S0.Times(by), S1.Times(by), S2.Times(by), S3.Times(by));
        (S4, S5, S6, S7) = (S4.Times(by), S5.Times(by), S6.Times(by), S7.Times(by));
        if (!TWidth.IsWide) return;
        (S8, S9, S10, S11) = (S8.Times(by), S9.Times(by), S10.Times(by), S11.Times(by));
        (S12, S13, S14, S15) = (S12.Times(by), S13.Times(by), S14.Times(by), S15.Times(by));
    }

    /// <summary>Writes the lane's part of row <paramref name="row"/> and of the one eight further.</summary>
    public readonly void Put<TWidth, TStored, TStorage>(AttentionRows<TStored, TStorage> to, int row, int adds)
        where TWidth : struct, IAttentionWidth
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        int d = AttentionMmaTile.Column;
        Put(to, row, d, S0, S1, S2, S3, adds);
        Put(to, row, d + 32, S4, S5, S6, S7, adds);
        if (!TWidth.IsWide) return;
        Put(to, row, d + 64, S8, S9, S10, S11, adds);
        Put(to, row, d + 96, S12, S13, S14, S15, adds);
    }

    private static void Put<TStored, TStorage>(AttentionRows<TStored, TStorage> to, int row, int d,
        Quad<float> s0, Quad<float> s1, Quad<float> s2, Quad<float> s3, int adds)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        Put(to, row, d, s0, adds);
        Put(to, row, d + 8, s1, adds);
        Put(to, row, d + 16, s2, adds);
        Put(to, row, d + 24, s3, adds);
    }

    private static void Put<TStored, TStorage>(AttentionRows<TStored, TStorage> to, int row, int d, Quad<float> sums, int adds)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        to.Put(row, d, new Pair<float>() { X = sums.X, Y = sums.Y }, adds);
        to.Put(row + 8, d, new Pair<float>() { X = sums.Z, Y = sums.W }, adds);
    }
}
