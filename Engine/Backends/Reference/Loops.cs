using System.Numerics;

namespace AutogradCore;

/// <summary>What the reference loops share: conversions through double, storing by destination, rows of strided views.</summary>
internal static class Loops
{
    /// <summary>x as a double, exactly.</summary>
    public static double Wide<T>(T x) where T : unmanaged, INumberBase<T> => double.CreateTruncating(x);

    /// <summary>x rounded once to T.</summary>
    public static T Narrow<T>(double x) where T : unmanaged, INumberBase<T> => T.CreateTruncating(x);

    /// <summary>y = value, or y += value.</summary>
    public static void Put<T>(ref T y, T value, bool add) where T : unmanaged, INumberBase<T> => y = add ? y + value : value;

    /// <summary>y = value, or y += value, with value rounded once to T.</summary>
    public static void Put<T>(ref T y, double value, bool add)
        where T : unmanaged, INumberBase<T> => Put(ref y, Narrow<T>(value), add);

    /// <summary>Where row number <paramref name="row"/> of a view starts: all axes but the last, counted row-major.</summary>
    public static unsafe T* Row<T>(in View view, int row)
        where T : unmanaged =>
        view.Pointer<T>() + Distance(view, row, view.Shape.Rank - 1);

    /// <summary>Elements between neighbours of a row.</summary>
    public static int Step(in View view) => view.Shape.Rank == 0 ? 0 : view.Stride(view.Shape.Rank - 1);

    /// <summary>Elements between a view's first and number <paramref name="index"/>, row-major over the outer axes.</summary>
    public static int Distance(in View view, int index, int axes)
    {
        int distance = 0;
        for (int axis = axes - 1; axis >= 0; axis--)
        {
            (index, int i) = Math.DivRem(index, view.Shape[axis]);
            distance += i * view.Stride(axis);
        }
        return distance;
    }
}
