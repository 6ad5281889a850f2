namespace AutogradCore.Kernels.Simt;

/// <summary>A one-dimensional index. Indexing a view with it gives a reference, as atomics need; an <c>int</c> or <c>long</c>
/// index reads or writes an element.</summary>
/// <param name="X">The position.</param>
public readonly record struct Index1D(int X)
{
    /// <summary>The position as a plain number.</summary>
    public static implicit operator int(Index1D index) => index.X;
}
