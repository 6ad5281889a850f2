namespace AutogradCore.Kernels.Host;

/// <summary>Sends a single-threaded product to the tile of a <see cref="SimdLevel"/>.</summary>
internal static unsafe class GemmLevel
{
    /// <inheritdoc cref="GemmCore{T, TTile}.Run"/>
    public static void Run<T>(
        SimdLevel level, GemmTerm<T>* terms, int count, in GemmTarget<T> target,
        int row, int rowEnd, int column, int columnEnd, Scratch scratch)
        where T : unmanaged
    {
        switch (level)
        {
            case SimdLevel.Vector512:
                GemmCore<T, Tile512<T>>.Run(terms, count, target, row, rowEnd, column, columnEnd, scratch);
                break;
            case SimdLevel.Vector256:
                GemmCore<T, Tile256<T>>.Run(terms, count, target, row, rowEnd, column, columnEnd, scratch);
                break;
            default:
                GemmCore<T, Tile128<T>>.Run(terms, count, target, row, rowEnd, column, columnEnd, scratch);
                break;
        }
    }

    /// <inheritdoc cref="GemmCore{T, TTile}.PackedElements"/>
    public static nint PackedElements<T>(SimdLevel level, int n, int k) where T : unmanaged => level switch
    {
        SimdLevel.Vector512 => GemmCore<T, Tile512<T>>.PackedElements(n, k),
        SimdLevel.Vector256 => GemmCore<T, Tile256<T>>.PackedElements(n, k),
        _ => GemmCore<T, Tile128<T>>.PackedElements(n, k),
    };

    /// <inheritdoc cref="GemmCore{T, TTile}.Panels"/>
    public static int Panels<T>(SimdLevel level, int n) where T : unmanaged => level switch
    {
        SimdLevel.Vector512 => GemmCore<T, Tile512<T>>.Panels(n),
        SimdLevel.Vector256 => GemmCore<T, Tile256<T>>.Panels(n),
        _ => GemmCore<T, Tile128<T>>.Panels(n),
    };

    /// <inheritdoc cref="GemmCore{T, TTile}.Pack"/>
    public static void Pack<T>(SimdLevel level, in GemmTerm<T> term, int n, T* panels, int first, int end) where T : unmanaged
    {
        switch (level)
        {
            case SimdLevel.Vector512: GemmCore<T, Tile512<T>>.Pack(term, n, panels, first, end); break;
            case SimdLevel.Vector256: GemmCore<T, Tile256<T>>.Pack(term, n, panels, first, end); break;
            default: GemmCore<T, Tile128<T>>.Pack(term, n, panels, first, end); break;
        }
    }
}
