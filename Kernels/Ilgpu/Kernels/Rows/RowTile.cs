using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A row in the registers of its group, up to sixteen elements a lane: read once, used as often as need be. A lane has
/// the fours of its own number, and so many lanes further, four times.</summary>
internal struct RowTile<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Elements a lane.</summary>
    public const int PerLane = 16;

    private Quad<T> _a, _b, _c, _d;

    /// <summary>Whether a row of so many elements fits.</summary>
    public static bool Fits(int length) => length <= PerLane * Group.DimX;

    /// <summary>Reads a row; <paramref name="outside"/> stands after its end.</summary>
    public static RowTile<T> Load<TStored, TStorage>(
        StoredView<T, TStored, TStorage> x, long row, int length, int isAligned, T outside)
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        int i = 4 * Group.IdxX, step = 4 * Group.DimX;
        return new()
        {
            _a = RowFours.Load(x, row, i, length, isAligned, outside),
            _b = RowFours.Load(x, row, i + step, length, isAligned, outside),
            _c = RowFours.Load(x, row, i + 2 * step, length, isAligned, outside),
            _d = RowFours.Load(x, row, i + 3 * step, length, isAligned, outside),
        };
    }

    /// <summary>Writes or adds the row.</summary>
    public readonly void Put<TStored, TStorage>(
        StoredView<T, TStored, TStorage> y, long row, int length, int isAligned, int adds)
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        int i = 4 * Group.IdxX, step = 4 * Group.DimX;
        RowFours.Put(y, row, i, length, isAligned, adds, _a);
        RowFours.Put(y, row, i + step, length, isAligned, adds, _b);
        RowFours.Put(y, row, i + 2 * step, length, isAligned, adds, _c);
        RowFours.Put(y, row, i + 3 * step, length, isAligned, adds, _d);
    }

    /// <summary>The lane's sum.</summary>
    public readonly T Sum() => RowFours.Sum(_a) + RowFours.Sum(_b) + RowFours.Sum(_c) + RowFours.Sum(_d);

    /// <summary>The lane's sum, in double.</summary>
    public readonly double Total() => RowFours.Total(_a) + RowFours.Total(_b) + RowFours.Total(_c) + RowFours.Total(_d);

    /// <summary>The lane's Σ x², in double.</summary>
    public readonly double SumOfSquares() =>
        RowFours.SumOfSquares(_a) + RowFours.SumOfSquares(_b) + RowFours.SumOfSquares(_c) + RowFours.SumOfSquares(_d);

    /// <summary>The lane's largest; NaN wins.</summary>
    public readonly T Largest() => T.Max(T.Max(RowFours.Largest(_a), RowFours.Largest(_b)),
        T.Max(RowFours.Largest(_c), RowFours.Largest(_d)));

    /// <summary>exp(x - by)</summary>
    public readonly RowTile<T> Exp(T by) =>
        new() { _a = RowFours.Exp(_a, by), _b = RowFours.Exp(_b, by), _c = RowFours.Exp(_c, by), _d = RowFours.Exp(_d, by) };

    /// <summary>x - by</summary>
    public readonly RowTile<T> Minus(T by) => new()
    {
        _a = RowFours.Minus(_a, by),
        _b = RowFours.Minus(_b, by),
        _c = RowFours.Minus(_c, by),
        _d = RowFours.Minus(_d, by),
    };

    /// <summary>x / by</summary>
    public readonly RowTile<T> Over(T by) =>
        new() { _a = RowFours.Over(_a, by), _b = RowFours.Over(_b, by), _c = RowFours.Over(_c, by), _d = RowFours.Over(_d, by) };

    /// <summary>x - by; 0 after the row's end.</summary>
    public readonly RowTile<T> Distances(T by, int length)
    {
        int i = 4 * Group.IdxX, step = 4 * Group.DimX;
        return new()
        {
            _a = RowFours.Distances(_a, by, i, length),
            _b = RowFours.Distances(_b, by, i + step, length),
            _c = RowFours.Distances(_c, by, i + 2 * step, length),
            _d = RowFours.Distances(_d, by, i + 3 * step, length),
        };
    }

    /// <summary>x·by</summary>
    public readonly RowTile<T> Scaled(T by) => new()
    {
        _a = _a.Times(by),
        _b = _b.Times(by),
        _c = _c.Times(by),
        _d = _d.Times(by),
    };

    /// <summary>x + y</summary>
    public readonly RowTile<T> Plus(RowTile<T> y) => new()
    {
        _a = _a.Plus(y._a),
        _b = _b.Plus(y._b),
        _c = _c.Plus(y._c),
        _d = _d.Plus(y._d),
    };

    /// <summary>x - y·by</summary>
    public readonly RowTile<T> MinusProduct(RowTile<T> y, T by) => new()
    {
        _a = RowFours.MinusProduct(_a, y._a, by),
        _b = RowFours.MinusProduct(_b, y._b, by),
        _c = RowFours.MinusProduct(_c, y._c, by),
        _d = RowFours.MinusProduct(_d, y._d, by),
    };

    /// <summary>x - by in double, rounded once.</summary>
    public readonly RowTile<T> Less(double by) => new()
    {
        _a = RowFours.Less(_a, by),
        _b = RowFours.Less(_b, by),
        _c = RowFours.Less(_c, by),
        _d = RowFours.Less(_d, by),
    };

    /// <summary>x - exp(y)·by in double, rounded once.</summary>
    public readonly RowTile<T> MinusExp(RowTile<T> y, double by) => new()
    {
        _a = RowFours.MinusExp(_a, y._a, by),
        _b = RowFours.MinusExp(_b, y._b, by),
        _c = RowFours.MinusExp(_c, y._c, by),
        _d = RowFours.MinusExp(_d, y._d, by),
    };

    /// <summary>x ⊙ y</summary>
    public readonly RowTile<T> Times(RowTile<T> y) => new()
    {
        _a = _a.Times(y._a),
        _b = _b.Times(y._b),
        _c = _c.Times(y._c),
        _d = _d.Times(y._d),
    };
}
