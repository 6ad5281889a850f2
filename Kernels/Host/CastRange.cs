using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>y = x or y += x between element types. To integers: truncated, saturated, NaN is 0; to masks: not zero.
/// Scalar: <see cref="ReferenceBackend.Cast"/>.</summary>
internal readonly unsafe struct CastRange<TFrom, TTo>(TFrom* x, TTo* y, bool add) : IRange
    where TFrom : unmanaged, INumber<TFrom>
    where TTo : unmanaged, INumber<TTo>
{
    /// <inheritdoc/>
    public void Run(int begin, int end) => Row(x + begin, y + begin, end - begin, add);

    /// <summary>One row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(TFrom* x, TTo* y, int length, bool add)
    {
        const int step = 16;
        int i = 0;
        if (typeof(TFrom) == typeof(float) && typeof(TTo) == typeof(double))
        {
            for (; i <= length - step; i += step)
            {
                (Vector512<double> low, Vector512<double> high) = Vector512.Widen(Vector512.Load((float*)x + i));
                Lanes.Put(low, (double*)y + i, add);
                Lanes.Put(high, (double*)y + i + Vector512<double>.Count, add);
            }
        }
        else if (typeof(TFrom) == typeof(double) && typeof(TTo) == typeof(float))
        {
            for (; i <= length - step; i += step)
            {
                Vector512<double> low = Vector512.Load((double*)x + i),
                    high = Vector512.Load((double*)x + i + Vector512<double>.Count);
                Lanes.Put(Vector512.Narrow(low, high), (float*)y + i, add);
            }
        }
        else if (typeof(TFrom) == typeof(int) && typeof(TTo) == typeof(float))
        {
            for (; i <= length - step; i += step)
                Lanes.Put(Vector512.ConvertToSingle(Vector512.Load((int*)x + i)), (float*)y + i, add);
        }
        else if (typeof(TFrom) == typeof(float) && typeof(TTo) == typeof(int))
        {
            for (; i <= length - step; i += step)
                Lanes.Put(Vector512.ConvertToInt32(Vector512.Load((float*)x + i)), (int*)y + i, add);
        }

        for (; i < length; i++)
        {
            TTo value = typeof(TTo) == typeof(byte) ? (TFrom.IsZero(x[i]) ? TTo.Zero : TTo.One) : TTo.CreateSaturating(x[i]);
            y[i] = add ? y[i] + value : value;
        }
    }
}

/// <summary>y = x or y += x between element types, row by row: rows lie anywhere, the elements of one are neighbours.</summary>
internal readonly unsafe struct CastRows<TFrom, TTo>(View x, View y, bool add) : IRange
    where TFrom : unmanaged, INumber<TFrom>
    where TTo : unmanaged, INumber<TTo>
{
    private readonly View _x = x, _y = y;

    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
            CastRange<TFrom, TTo>.Row(StridedRows.At<TFrom>(_x, row), StridedRows.At<TTo>(_y, row), _y.Shape.Last, add);
    }
}
