using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>y = x or y += x over neighbouring elements. Scalar: the same.</summary>
internal readonly unsafe struct CopyRange<T>(T* x, T* y, bool add) : IRange
    where T : unmanaged
{
    /// <inheritdoc/>
    public void Run(int begin, int end) => Row(x + begin, y + begin, end - begin, add);

    /// <summary>One row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(T* x, T* y, int length, bool add)
    {
        if (!add)
        {
            new ReadOnlySpan<T>(x, length).CopyTo(new Span<T>(y, length));
            return;
        }

        int i = 0;
        for (; i <= length - Vector512<T>.Count; i += Vector512<T>.Count)
            Lanes.Put(Vector512.Load(x + i), y + i, true);
        if (i < length)
            Lanes.PutTail(VectorTail.Load(x + i, length - i), y + i, length - i, true);
    }
}

/// <summary>y = x or y += x row by row: rows lie anywhere, the elements of one are neighbours, or one number repeated in
/// x.</summary>
internal readonly unsafe struct CopyRows<T>(View x, View y, bool add) : IRange
    where T : unmanaged
{
    private readonly View _x = x, _y = y;

    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        bool repeat = StridedRows.Step(_x) == 0;
        int length = _y.Shape.Last;
        for (int row = begin; row < end; row++)
        {
            T* from = StridedRows.At<T>(_x, row), to = StridedRows.At<T>(_y, row);
            if (repeat)
                Repeat(*from, to, length, add);
            else
                CopyRange<T>.Row(from, to, length, add);
        }
    }

    private static void Repeat(T value, T* y, int length, bool add)
    {
        if (!add)
            new Span<T>(y, length).Fill(value);
        for (int i = 0; add && i < length; i++)
            y[i] = Scalar.Add(y[i], value);
    }
}

/// <summary>y = value over elements.</summary>
internal readonly unsafe struct FillRange<T>(T* y, T value) : IRange
    where T : unmanaged
{
    /// <inheritdoc/>
    public void Run(int begin, int end) => new Span<T>(y + begin, end - begin).Fill(value);
}

/// <summary>y = scale·x + shift over elements, computed in double and rounded once.</summary>
internal readonly unsafe struct AffineRange<T>(T* x, T* y, double scale, double shift, bool add) : IRange
    where T : unmanaged
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int begin, int end)
    {
        T* from = x, to = y;
        bool adds = add;
        Vector512<double> factor = Vector512.Create(scale), offset = Vector512.Create(shift);
        int i = begin;
        for (; i <= end - Doubles.Count; i += Doubles.Count)
            Doubles.Put((Doubles.Load(from + i) * factor) + offset, to + i, adds);
        if (i < end)
            Doubles.PutTail((Doubles.LoadTail(from + i, end - i) * factor) + offset, to + i, end - i, adds);
    }
}
