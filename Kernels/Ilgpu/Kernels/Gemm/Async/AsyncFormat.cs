namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What a factor is in memory and what tensor cores make of it, for panels that are copied as they are.</summary>
internal interface IAsyncFormat<TFactor> : IMmaFormat where TFactor : unmanaged
{
    /// <summary>What the number of 16 bytes within row <paramref name="depth"/> of a panel stored as [depth][outer] is crossed
    /// with.</summary>
    static abstract int Swizzle(int depth);

    /// <summary>Where this lane reads its part of a fragment of a panel stored as [depth][outer], in words.</summary>
    /// <param name="outer">First row of A or column of B, a multiple of 32.</param>
    /// <param name="width">Rows of A or columns of B in the panel.</param>
    /// <param name="isLeft">Whether it is A's fragment, or two fragments of B side by side.</param>
    static abstract int SourceAcross(int outer, int width, bool isLeft);

    /// <summary>The fragment whose part for this lane is <paramref name="further"/> words from word <paramref name="lane"/> of a
    /// panel stored as [depth][outer].</summary>
    static abstract Words4 LoadAcross(ArrayView<uint> words, int lane, int further, int width, bool isLeft);

    /// <summary>A fragment as it was copied, rounded to what is multiplied.</summary>
    static abstract Words4 Rounded(Words4 fragment);
}
