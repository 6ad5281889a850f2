using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Four elements side by side: one 16-byte access in float.</summary>
internal struct Quad<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T X, Y, Z, W;

    public static Quad<T> Of(T x) => new() { X = x, Y = x, Z = x, W = x };

    /// <summary>this + a·b.</summary>
    public readonly Quad<T> Plus(T a, Quad<T> b) => new() { X = X + a * b.X, Y = Y + a * b.Y, Z = Z + a * b.Z, W = W + a * b.W };

    /// <summary>this + a·b, but nothing where a is 0: what a mask hides is not felt, not even NaN.</summary>
    public readonly Quad<T> PlusSeen(T a, Quad<T> b) => a == T.Zero ? this : Plus(a, b);

    public readonly Quad<T> Times(T a) => new() { X = X * a, Y = Y * a, Z = Z * a, W = W * a };

    public static Quad<T> operator +(Quad<T> a, Quad<T> b) =>
        new() { X = a.X + b.X, Y = a.Y + b.Y, Z = a.Z + b.Z, W = a.W + b.W };

    public static Quad<T> operator *(Quad<T> a, Quad<T> b) =>
        new() { X = a.X * b.X, Y = a.Y * b.Y, Z = a.Z * b.Z, W = a.W * b.W };

    /// <summary>The larger of each; NaN wins.</summary>
    public static Quad<T> Larger(Quad<T> a, Quad<T> b) => new()
    {
        X = Reduce.Larger(a.X, b.X),
        Y = Reduce.Larger(a.Y, b.Y),
        Z = Reduce.Larger(a.Z, b.Z),
        W = Reduce.Larger(a.W, b.W),
    };

    /// <summary>exp(a - b), and 0 for a of -∞ whatever b is.</summary>
    public static Quad<T> Exp(Quad<T> a, Quad<T> b) =>
        new() { X = Exp(a.X, b.X), Y = Exp(a.Y, b.Y), Z = Exp(a.Z, b.Z), W = Exp(a.W, b.W) };

    /// <summary>The quad of the lane whose number differs in the bits of <paramref name="mask"/>.</summary>
    public readonly Quad<T> Across(int mask) => new()
    {
        X = Warp.ShuffleXor(X, mask),
        Y = Warp.ShuffleXor(Y, mask),
        Z = Warp.ShuffleXor(Z, mask),
        W = Warp.ShuffleXor(W, mask),
    };

    private static T Exp(T a, T b) => a == T.NegativeInfinity ? T.Zero : T.Exp(a - b);
}
