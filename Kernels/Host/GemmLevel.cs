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
}
