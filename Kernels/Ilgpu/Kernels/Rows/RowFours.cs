using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Four neighbours of a row at a time: in one access where rows are whole fours that start at a four, else one by one,
/// with the same numbers in the same lanes.</summary>
internal static class RowFours
{
    /// <summary>Elements <paramref name="i"/> to i + 3 of a row; <paramref name="outside"/> after its end.</summary>
    public static Quad<T> Load<T, TStored, TStorage>(
        StoredView<T, TStored, TStorage> x, long row, int i, int length, int isAligned, T outside)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        Quad<T> four = new() { X = outside, Y = outside, Z = outside, W = outside };
        if (i >= length) return four;
        if (isAligned != 0) return x.Four((row + i) >> 2);
        four.X = x[row + i];
        if (i + 1 < length) four.Y = x[row + i + 1];
        if (i + 2 < length) four.Z = x[row + i + 2];
        if (i + 3 < length) four.W = x[row + i + 3];
        return four;
    }

    /// <summary>Writes or adds them; nothing after the row's end.</summary>
    public static void Put<T, TStored, TStorage>(
        StoredView<T, TStored, TStorage> y, long row, int i, int length, int isAligned, int adds, Quad<T> four)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        if (i >= length) return;
        if (isAligned != 0)
        {
            y.Put((row + i) >> 2, four, adds);
            return;
        }
        y.Put(row + i, four.X, adds);
        if (i + 1 < length) y.Put(row + i + 1, four.Y, adds);
        if (i + 2 < length) y.Put(row + i + 2, four.Z, adds);
        if (i + 3 < length) y.Put(row + i + 3, four.W, adds);
    }

    /// <summary>The same numbers in double.</summary>
    public static Quad<double> Wide<T>(Quad<T> x) where T : unmanaged, IFloatingPointIeee754<T> => new()
    {
        X = double.CreateTruncating(x.X),
        Y = double.CreateTruncating(x.Y),
        Z = double.CreateTruncating(x.Z),
        W = double.CreateTruncating(x.W),
    };

    /// <summary>Each rounded to the type of the elements.</summary>
    public static Quad<T> Rounded<T>(Quad<double> x) where T : unmanaged, IFloatingPointIeee754<T> => new()
    {
        X = T.CreateTruncating(x.X),
        Y = T.CreateTruncating(x.Y),
        Z = T.CreateTruncating(x.Z),
        W = T.CreateTruncating(x.W),
    };

    public static T Sum<T>(Quad<T> x) where T : unmanaged, IFloatingPointIeee754<T> => x.X + x.Y + (x.Z + x.W);

    /// <summary>Σ x, in double.</summary>
    public static double Total<T>(Quad<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        Sum(Wide(x));

    /// <summary>Σ x², in double.</summary>
    public static double SumOfSquares<T>(Quad<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Quad<double> wide = Wide(x);
        return Sum(wide.Times(wide));
    }

    /// <summary>The largest; NaN wins.</summary>
    public static T Largest<T>(Quad<T> x) where T : unmanaged, IFloatingPointIeee754<T> =>
        T.Max(T.Max(x.X, x.Y), T.Max(x.Z, x.W));

    /// <summary>exp(x - by)</summary>
    public static Quad<T> Exp<T>(Quad<T> x, T by) where T : unmanaged, IFloatingPointIeee754<T> =>
        new() { X = T.Exp(x.X - by), Y = T.Exp(x.Y - by), Z = T.Exp(x.Z - by), W = T.Exp(x.W - by) };

    /// <summary>x - by</summary>
    public static Quad<T> Minus<T>(Quad<T> x, T by) where T : unmanaged, IFloatingPointIeee754<T> =>
        new() { X = x.X - by, Y = x.Y - by, Z = x.Z - by, W = x.W - by };

    /// <summary>x / by</summary>
    public static Quad<T> Over<T>(Quad<T> x, T by) where T : unmanaged, IFloatingPointIeee754<T> =>
        new() { X = x.X / by, Y = x.Y / by, Z = x.Z / by, W = x.W / by };

    /// <summary>x - by; 0 after the row's end.</summary>
    public static Quad<T> Distances<T>(Quad<T> x, T by, int i, int length) where T : unmanaged, IFloatingPointIeee754<T> => new()
    {
        X = i < length ? x.X - by : T.Zero,
        Y = i + 1 < length ? x.Y - by : T.Zero,
        Z = i + 2 < length ? x.Z - by : T.Zero,
        W = i + 3 < length ? x.W - by : T.Zero,
    };

    /// <summary>x - y·by</summary>
    public static Quad<T> MinusProduct<T>(Quad<T> x, Quad<T> y, T by) where T : unmanaged, IFloatingPointIeee754<T> =>
        new() { X = x.X - y.X * by, Y = x.Y - y.Y * by, Z = x.Z - y.Z * by, W = x.W - y.W * by };

    /// <summary>x - by in double, rounded once.</summary>
    public static Quad<T> Less<T>(Quad<T> x, double by) where T : unmanaged, IFloatingPointIeee754<T> =>
        new() { X = Less(x.X, by), Y = Less(x.Y, by), Z = Less(x.Z, by), W = Less(x.W, by) };

    /// <inheritdoc cref="Less{T}(Quad{T}, double)"/>
    public static T Less<T>(T x, double by) where T : unmanaged, IFloatingPointIeee754<T> =>
        T.CreateTruncating(double.CreateTruncating(x) - by);

    /// <summary>x - exp(y)·by in double, rounded once; the exponentials are of the elements' type.</summary>
    public static Quad<T> MinusExp<T>(Quad<T> x, Quad<T> y, double by) where T : unmanaged, IFloatingPointIeee754<T> => new()
    {
        X = MinusExp(x.X, y.X, by),
        Y = MinusExp(x.Y, y.Y, by),
        Z = MinusExp(x.Z, y.Z, by),
        W = MinusExp(x.W, y.W, by),
    };

    private static T MinusExp<T>(T x, T y, double by) where T : unmanaged, IFloatingPointIeee754<T> =>
        Less(x, double.CreateTruncating(T.Exp(y)) * by);
}
