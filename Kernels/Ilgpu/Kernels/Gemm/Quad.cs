using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Four neighbours in memory: one 16-byte access for floats, two for doubles.</summary>
internal struct Quad<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T X, Y, Z, W;

    public readonly Quad<T> Plus(Quad<T> other) => new() { X = X + other.X, Y = Y + other.Y, Z = Z + other.Z, W = W + other.W };

    /// <summary>this + s·v, rounded once.</summary>
    public readonly Quad<T> PlusProduct(T s, Quad<T> v) => new()
    {
        X = T.FusedMultiplyAdd(s, v.X, X),
        Y = T.FusedMultiplyAdd(s, v.Y, Y),
        Z = T.FusedMultiplyAdd(s, v.Z, Z),
        W = T.FusedMultiplyAdd(s, v.W, W),
    };
}

/// <summary>Two neighbours in memory.</summary>
internal struct Pair<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T X, Y;

    public readonly Pair<T> Plus(Pair<T> other) => new() { X = X + other.X, Y = Y + other.Y };
}
