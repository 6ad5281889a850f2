using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutogradCore.Kernels.Host;

/// <summary>Rows of floats or doubles that are computed with in double: eight elements at a time, rounded once when they are
/// stored.</summary>
/// <remarks>Idea: loops that memory bounds have room for the conversions, and a row's statistics are then as exact, and reach as
/// far, as the reference's. Scalar equivalent: <c>(double)x[i]</c>.</remarks>
internal static unsafe class Doubles
{
    /// <summary>Elements of one step.</summary>
    public const int Count = 8;

    /// <summary>The next eight elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Load<T>(T* x)
        where T : unmanaged
        => typeof(T) == typeof(double) ? Vector512.Load((double*)x) : Widen(Vector256.Load((float*)x));

    /// <summary>The first <paramref name="count"/> of eight elements, the others zero; reads nothing beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> LoadTail<T>(T* x, int count)
        where T : unmanaged
        => typeof(T) == typeof(double)
            ? VectorTail.Load((double*)x, count)
            : Widen(VectorTail.Load((float*)x, count).GetLower());

    /// <summary>What a missing operand stands for, in every lane, or the operand's next eight elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> LoadOr<T>(T* x, int at, Vector512<double> missing)
        where T : unmanaged
        => x == null ? missing : Load(x + at);

    /// <summary>The first <paramref name="count"/> lanes of <see cref="LoadOr"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> LoadTailOr<T>(T* x, int at, int count, Vector512<double> missing)
        where T : unmanaged
        => x == null ? missing : LoadTail(x + at, count);

    /// <summary>y = value, or y += value, the value rounded to y's type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<T>(Vector512<double> value, T* y, bool add)
        where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            Lanes.Put(value, (double*)y, add);
            return;
        }

        Vector256<float> rounded = Narrow(value);
        if (add) rounded += Vector256.Load((float*)y);
        rounded.Store((float*)y);
    }

    /// <summary>The first <paramref name="count"/> lanes of <see cref="Put"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutTail<T>(Vector512<double> value, T* y, int count, bool add)
        where T : unmanaged
    {
        if (typeof(T) == typeof(double))
            Lanes.PutTail(value, (double*)y, count, add);
        else
            Lanes.PutTail(Vector512.Create(Narrow(value), Vector256<float>.Zero), (float*)y, count, add);
    }

    /// <summary>The elements in eight sums: each lane takes the elements that fall on it. Scalar: x[i] + x[i + 8] for floats,
    /// x[i] for doubles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Fold<T>(Vector512<T> x)
    {
        if (typeof(T) == typeof(double)) return x.AsDouble();
        return Widen(x.AsSingle().GetLower()) + Widen(x.AsSingle().GetUpper());
    }

    /// <summary>a - b·factor in each lane, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> MinusProduct<T>(Vector512<T> a, Vector512<T> b, Vector512<double> factor)
    {
        if (typeof(T) == typeof(double)) return (a.AsDouble() - (b.AsDouble() * factor)).As<double, T>();
        Vector512<float> left = a.AsSingle(), right = b.AsSingle();
        return Vector512.Create(
            Narrow(Widen(left.GetLower()) - (Widen(right.GetLower()) * factor)),
            Narrow(Widen(left.GetUpper()) - (Widen(right.GetUpper()) * factor))).As<float, T>();
    }

    /// <summary>A number in two of its row's type, so that subtracting one after the other subtracts it to twice that
    /// precision.</summary>
    public static (T High, T Low) Split<T>(double x)
        where T : unmanaged
    {
        if (typeof(T) == typeof(double)) return ((T)(object)x, default);
        float high = (float)x, low = float.IsFinite(high) ? (float)(x - high) : 0;
        return ((T)(object)high, (T)(object)low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Widen(Vector256<float> x)
    {
        if (Avx512F.IsSupported) return Avx512F.ConvertToVector512Double(x);
        (Vector256<double> low, Vector256<double> high) = Vector256.Widen(x);
        return Vector512.Create(low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Narrow(Vector512<double> x) =>
        Avx512F.IsSupported ? Avx512F.ConvertToVector256Single(x) : Vector256.Narrow(x.GetLower(), x.GetUpper());
}
