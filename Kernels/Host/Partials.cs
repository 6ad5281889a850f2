using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>One double for each block of elements: its sum, or its sum of squares. Blocks have a fixed length.</summary>
/// <remarks>
/// Idea: floats are widened and summed in double, which costs nothing where memory is the bound; the caller adds the blocks in
/// order. Scalar equivalent: <c>foreach (x) sum += (double)x</c>, in four interleaved sums of vectors.
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
            sums[block] = typeof(T) == typeof(double)
                ? (squares
                    ? RowSums.Sum<Product, double>((double*)from, (double*)from, length)
                    : RowSums.Sum<Element, double>((double*)from, (double*)from, length))
                : Wide((float*)from, length, squares);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Wide(float* x, int length, bool squares)
    {
        Vector512<double> s0 = Vector512<double>.Zero, s1 = s0, s2 = s0, s3 = s0;
        int i = 0;
        for (; i <= length - 32; i += 32)
        {
            (Vector512<double> a, Vector512<double> b) = Vector512.Widen(Vector512.Load(x + i));
            (Vector512<double> c, Vector512<double> d) = Vector512.Widen(Vector512.Load(x + i + 16));
            s0 = squares ? Vector512.FusedMultiplyAdd(a, a, s0) : s0 + a;
            s1 = squares ? Vector512.FusedMultiplyAdd(b, b, s1) : s1 + b;
            s2 = squares ? Vector512.FusedMultiplyAdd(c, c, s2) : s2 + c;
            s3 = squares ? Vector512.FusedMultiplyAdd(d, d, s3) : s3 + d;
        }

        double sum = Vector512.Sum((s0 + s1) + (s2 + s3));
        for (; i < length; i++)
            sum += squares ? (double)x[i] * x[i] : x[i];
        return sum;
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
