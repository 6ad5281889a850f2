using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>One double for each block of elements: its sum, or its sum of squares. Blocks have a fixed length.</summary>
/// <remarks>
/// Idea: the caller adds the blocks in order. Scalar equivalent: <c>foreach (x) sum += (double)x</c>, in the order of
/// <see cref="RowSums"/>.
/// </remarks>
internal readonly unsafe struct Partials<T>(T* x, int count, bool squares, double* sums) : IRange
    where T : unmanaged
{
    /// <summary>Elements of one block.</summary>
    public const int Block = 8192;

    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int block = begin; block < end; block++)
        {
            T* from = x + ((nint)block * Block);
            int length = Math.Min(Block, count - (block * Block));
            sums[block] = squares
                ? RowSums.Sum<Product, T>(from, from, length)
                : RowSums.Sum<Element, T>(from, from, length);
        }
    }
}

/// <summary>Writes 0 into a shared word when an element is infinite or NaN.</summary>
internal readonly unsafe struct FiniteRange<T>(T* x, T largest, int* finite) : IRange
    where T : unmanaged
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int begin, int end)
    {
        T* from = x;
        Vector512<T> bound = Vector512.Create(largest), all = Vector512<T>.AllBitsSet;
        int i = begin;
        for (; i <= end - Vector512<T>.Count; i += Vector512<T>.Count)
            all &= Vector512.LessThanOrEqual(Vector512.Abs(Vector512.Load(from + i)), bound);
        if (i < end)
            all &= Vector512.LessThanOrEqual(Vector512.Abs(VectorTail.Load(from + i, end - i)), bound);
        if (Vector512.ExtractMostSignificantBits(all) != (1UL << Vector512<T>.Count) - 1)
            Volatile.Write(ref *finite, 0);
    }
}
