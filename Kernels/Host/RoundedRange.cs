using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>y = x or y += x where each is float or <see cref="BFloat16"/>: added in floats, rounded once.</summary>
/// <remarks>Idea: a bf16 is the upper half of a float, so reading is a shift and rounding an addition of integers.
/// Scalar equivalent: the conversions of <see cref="BFloat16"/>.</remarks>
internal readonly unsafe struct RoundedRange<TFrom, TTo>(TFrom* x, TTo* y, bool add) : IRange
    where TFrom : unmanaged
    where TTo : unmanaged
{
    /// <inheritdoc/>
    public void Run(int begin, int end) => Row(x + begin, y + begin, end - begin, add);

    /// <summary>One row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(TFrom* x, TTo* y, int length, bool add)
    {
        int i = 0;
        for (; i <= length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Vector512<float> value = Load(x + i);
            if (add) value = Load(y + i) + value;
            Store(value, y + i);
        }

        for (; i < length; i++)
        {
            float value = Widen(x[i]);
            if (add) value = Widen(y[i]) + value;
            if (typeof(TTo) == typeof(float)) ((float*)y)[i] = value;
            else ((BFloat16*)y)[i] = (BFloat16)value;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load<T>(T* x)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float)) return Vector512.Load((float*)x);
        (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.Load((ushort*)x));
        return (Vector512.Create(low, high) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<float> value, TTo* y)
    {
        if (typeof(TTo) == typeof(float))
        {
            value.Store((float*)y);
            return;
        }

        Vector512<uint> bits = value.AsUInt32(), upper = bits >>> 16;
        Vector512<uint> near = (bits + Vector512.Create(0x7FFFu) + (upper & Vector512<uint>.One)) >>> 16;
        Vector512<uint> isNumber = Vector512.Equals(value, value).AsUInt32();
        Vector512<uint> rounded = Vector512.ConditionalSelect(isNumber, near, upper | Vector512.Create(0x40u));
        Vector256.Narrow(rounded.GetLower(), rounded.GetUpper()).Store((ushort*)y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Widen<T>(T x)
        where T : unmanaged =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<T, float>(x) : (float)Unsafe.BitCast<T, BFloat16>(x);
}

/// <summary><see cref="RoundedRange{TFrom, TTo}"/> row by row: rows lie anywhere, the elements of one are neighbours.</summary>
internal readonly unsafe struct RoundedRows<TFrom, TTo>(View x, View y, bool add) : IRange
    where TFrom : unmanaged
    where TTo : unmanaged
{
    private readonly View _x = x, _y = y;

    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
            RoundedRange<TFrom, TTo>.Row(StridedRows.At<TFrom>(_x, row), StridedRows.At<TTo>(_y, row), _y.Shape.Last, add);
    }
}
