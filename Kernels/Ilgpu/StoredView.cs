using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Memory of <typeparamref name="TStored"/> that a kernel reads and writes as <typeparamref name="T"/>, one by one or
/// four neighbours at a time.</summary>
internal readonly struct StoredView<T, TStored, TStorage>(ArrayView<TStored> elements)
    where T : unmanaged, INumber<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    private readonly ArrayView<TStored> _elements = elements;

    /// <summary>The number at a position.</summary>
    public T this[int i]
    {
        get => TStorage.Load(_elements[i]);
        set => _elements[i] = TStorage.Store(value);
    }

    /// <inheritdoc cref="this[int]"/>
    public T this[long i]
    {
        get => TStorage.Load(_elements[i]);
        set => _elements[i] = TStorage.Store(value);
    }

    /// <summary>Writes a number, or adds it where <paramref name="adds"/> is not 0.</summary>
    public void Put(long i, T y, int adds) => this[i] = adds != 0 ? this[i] + y : y;

    /// <summary>Four number <paramref name="q"/> of a view that starts at a multiple of four.</summary>
    public Quad<T> Four(long q)
    {
        Quad<TStored> four = _elements.Cast<Quad<TStored>>()[q];
        return new()
        {
            X = TStorage.Load(four.X),
            Y = TStorage.Load(four.Y),
            Z = TStorage.Load(four.Z),
            W = TStorage.Load(four.W),
        };
    }

    /// <summary>Writes four numbers, or adds them where <paramref name="adds"/> is not 0.</summary>
    public void Put(long q, Quad<T> y, int adds)
    {
        if (adds != 0) y = Four(q).Plus(y);
        ArrayView<Quad<TStored>> fours = _elements.Cast<Quad<TStored>>();
        fours[q] = new()
        {
            X = TStorage.Store(y.X),
            Y = TStorage.Store(y.Y),
            Z = TStorage.Store(y.Z),
            W = TStorage.Store(y.W),
        };
    }
}
