namespace AutogradCore.Kernels.Host;

/// <summary>Where a product goes.  C:[M,N] row-major, written or added to; bias:[N] is added to every row last.</summary>
/// <param name="c">First element.</param>
/// <param name="ldc">Elements from a row to the next.</param>
/// <param name="store">Writes or adds.</param>
/// <param name="bias">[N], or null.</param>
internal readonly unsafe struct GemmTarget<T>(T* c, int ldc, Store store = Store.Write, T* bias = null)
    where T : unmanaged
{
    /// <summary>First element.</summary>
    public readonly T* C = c;

    /// <summary>[N], or null.</summary>
    public readonly T* Bias = bias;

    /// <summary>Elements from a row to the next.</summary>
    public readonly int Ldc = ldc;

    /// <summary>Writes or adds.</summary>
    public readonly Store Store = store;
}
