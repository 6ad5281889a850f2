namespace AutogradCore.Kernels.Host;

/// <summary>Where a tile goes that is narrower than the tiles of its level.</summary>
/// <param name="c">C[0,0].</param>
/// <param name="ldc">Elements from a row of C to the next.</param>
/// <param name="store">Writes or adds.</param>
/// <param name="bias">Added to every row at the end, or null.</param>
/// <param name="lanes">Columns.</param>
internal readonly unsafe struct TileEdge<T>(T* c, nint ldc, Store store, T* bias, int lanes)
    where T : unmanaged
{
    /// <summary>C[0,0].</summary>
    public readonly T* C = c;

    /// <summary>Elements from a row of C to the next.</summary>
    public readonly nint Ldc = ldc;

    /// <summary>Writes or adds.</summary>
    public readonly Store Store = store;

    /// <summary>Added to every row at the end, or null.</summary>
    public readonly T* Bias = bias;

    /// <summary>Columns.</summary>
    public readonly int Lanes = lanes;

    /// <summary>The same columns some rows further down.</summary>
    public TileEdge<T> Down(int rows) => new(C + (rows * Ldc), Ldc, Store, Bias, Lanes);

    /// <summary>The columns from <paramref name="first"/> on, at most <paramref name="most"/> of them.</summary>
    public TileEdge<T> Right(int first, int most)
        => new(C + first, Ldc, Store, Bias == null ? null : Bias + first, Math.Min(most, Lanes - first));
}
