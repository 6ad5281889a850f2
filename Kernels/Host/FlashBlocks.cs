namespace AutogradCore.Kernels.Host;

/// <summary>Addresses and copies that attention's two directions share.</summary>
internal static unsafe class FlashBlocks
{
    /// <summary>
    /// One head's tokens as blocks [D, 64], the layout a product reads as its right side; missing tokens become 0.
    /// </summary>
    public static void TransposeTokens<T>(FlashRef<T> source, int batch, int tokens, int head, int size, T* blocks)
        where T : unmanaged
    {
        const int block = 64;
        for (int j = 0; j < tokens; j += block)
        {
            GemmPack.Transpose(
                source.At(batch, tokens, j, head, size), source.Stride, Math.Min(block, tokens - j), size,
                blocks + ((nint)j * size), block);
        }
    }

    /// <summary>Asks the memory for a row.</summary>
    public static void Ask<T>(T* row, int size)
        where T : unmanaged
    {
        for (int i = 0; i < size; i += 64 / sizeof(T)) Simd.Prefetch(row + i);
    }

    /// <summary>The row of lse:[B,Hq,T] that belongs to a head.</summary>
    public static double* Lse(double* lse, in FlashShape shape, int batch, int head)
        => lse + ((((nint)batch * shape.QueryHeads) + head) * shape.Queries);
}
