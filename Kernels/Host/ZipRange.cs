using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>y = f(a, b) over elements, either operand a single repeated number.
/// Scalar: <see cref="IBinary{TSelf}.Apply{T}"/>.</summary>
internal readonly unsafe struct ZipRange<TOp, T>(T* a, bool repeatA, T* b, bool repeatB, T* y, bool add) : IRange
    where TOp : struct, IBinary<TOp>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int begin, int end) => Row(a, repeatA, b, repeatB, y, add, begin, end);

    /// <summary>The elements from <paramref name="begin"/> to <paramref name="end"/> of one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(T* a, bool repeatA, T* b, bool repeatB, T* y, bool add, int begin, int end)
    {
        if (begin >= end)
            return;
        Vector512<T> everyA = Vector512.Create(*a), everyB = Vector512.Create(*b);
        int i = begin;
        for (; i <= end - Vector512<T>.Count; i += Vector512<T>.Count)
        {
            Vector512<T> left = repeatA ? everyA : Vector512.Load(a + i), right = repeatB ? everyB : Vector512.Load(b + i);
            Lanes.Put(TOp.ApplyLanes(left, right), y + i, add);
        }

        if (i < end)
        {
            Vector512<T> left = repeatA ? everyA : VectorTail.Load(a + i, end - i);
            Vector512<T> right = repeatB ? everyB : VectorTail.Load(b + i, end - i);
            Lanes.PutTail(TOp.ApplyLanes(left, right), y + i, end - i, add);
        }
    }
}

/// <summary>y = f(a, b) row by row, for operands whose rows lie anywhere but have neighbours or one number in them.</summary>
internal readonly unsafe struct ZipRows<TOp, T>(View a, View b, View y, bool add) : IRange
    where TOp : struct, IBinary<TOp>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly View _a = a, _b = b, _y = y;

    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        bool repeatA = StridedRows.Step(_a) == 0, repeatB = StridedRows.Step(_b) == 0;
        int length = _y.Shape.Last;
        for (int row = begin; row < end; row++)
        {
            T* left = StridedRows.At<T>(_a, row), right = StridedRows.At<T>(_b, row);
            ZipRange<TOp, T>.Row(left, repeatA, right, repeatB, StridedRows.At<T>(_y, row), add, 0, length);
        }
    }
}
