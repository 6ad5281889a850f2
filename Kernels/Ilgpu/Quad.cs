using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Four neighbours in memory: one access of 16 bytes for floats, of 8 for bf16, two of 16 for doubles.</summary>
internal struct Quad<T> where T : unmanaged
{
    public T X, Y, Z, W;
}

/// <summary>Two neighbours in memory.</summary>
internal struct Pair<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T X, Y;

    public readonly Pair<T> Plus(Pair<T> other) => new() { X = X + other.X, Y = Y + other.Y };
}

/// <summary>Arithmetic on four neighbours at once.</summary>
internal static class QuadMath
{
    public static Quad<T> Plus<T>(this Quad<T> x, Quad<T> y) where T : unmanaged, INumber<T> =>
        new() { X = x.X + y.X, Y = x.Y + y.Y, Z = x.Z + y.Z, W = x.W + y.W };

    public static Quad<T> Minus<T>(this Quad<T> x, Quad<T> y) where T : unmanaged, INumber<T> =>
        new() { X = x.X - y.X, Y = x.Y - y.Y, Z = x.Z - y.Z, W = x.W - y.W };

    public static Quad<T> Times<T>(this Quad<T> x, T s) where T : unmanaged, INumber<T> =>
        new() { X = x.X * s, Y = x.Y * s, Z = x.Z * s, W = x.W * s };

    /// <summary>Each times its own.</summary>
    public static Quad<T> Times<T>(this Quad<T> x, Quad<T> s) where T : unmanaged, INumber<T> =>
        new() { X = x.X * s.X, Y = x.Y * s.Y, Z = x.Z * s.Z, W = x.W * s.W };

    /// <summary>x + s·v, rounded once.</summary>
    public static Quad<T> PlusProduct<T>(this Quad<T> x, T s, Quad<T> v) where T : unmanaged, IFloatingPointIeee754<T> => new()
    {
        X = T.FusedMultiplyAdd(s, v.X, x.X),
        Y = T.FusedMultiplyAdd(s, v.Y, x.Y),
        Z = T.FusedMultiplyAdd(s, v.Z, x.Z),
        W = T.FusedMultiplyAdd(s, v.W, x.W),
    };
}
