using System.Numerics;

namespace AutogradCore;

/// <summary>How elements of one type are read as doubles and stored again, for loops between two types.</summary>
internal interface IElement<T>
{
    /// <summary>x as a double, exactly.</summary>
    static abstract double Wide(T x);

    /// <summary>x rounded.</summary>
    static abstract T Narrow(double x);

    /// <summary>old + x.</summary>
    static abstract T Sum(T old, double x);
}

/// <summary>Numbers of the BCL, and bytes as masks. To int: truncated, saturated, NaN is 0. To masks: NaN is 1.</summary>
internal readonly struct NumberElement<T> : IElement<T> where T : unmanaged, INumber<T>
{
    public static double Wide(T x) => double.CreateTruncating(x);

    public static T Narrow(double x) =>
        typeof(T) == typeof(byte) ? (x != 0 ? T.One : T.Zero) : T.CreateSaturating(x);

    public static T Sum(T old, double x) => old + Narrow(x);
}

/// <summary>Rounded by way of a float, and added in floats.</summary>
internal readonly struct BFloat16Element : IElement<BFloat16>
{
    public static double Wide(BFloat16 x) => (float)x;

    public static BFloat16 Narrow(double x) => (BFloat16)(float)x;

    public static BFloat16 Sum(BFloat16 old, double x) => (BFloat16)((float)old + (float)x);
}
