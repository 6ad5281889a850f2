using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public abstract partial class KernelBackend
{
    /// <inheritdoc/>
    public void Gather(in View table, in View ids, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Gather(table, ids, y);
        if (AreRounded(table, y.View)) Gather<float, ushort, AsBFloat16>(table, ids, y);
        else if (WidenedVerbs.Are(table, y.View)) _widened.Gather(table, ids, y);
        else if (table.DType == DType.Float64) Gather<double, double, AsIs<double>>(table, ids, y);
        else Gather<float, float, AsIs<float>>(table, ids, y);
    }

    /// <inheritdoc/>
    public void ScatterAdd(in View dy, in View ids, in Destination dtable)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.ScatterAdd(dy, ids, dtable);
        if (AreRounded(dy, dtable.View)) ScatterAdd<float, ushort, AsBFloat16, ushort, AsBFloat16>(dy, ids, dtable);
        else if (AreRounded(dy) && AreFloats(dtable.View))
            ScatterAdd<float, ushort, AsBFloat16, float, AsIs<float>>(dy, ids, dtable);
        else if (WidenedVerbs.Are(dy, dtable.View)) _widened.ScatterAdd(dy, ids, dtable);
        else if (dy.DType == DType.Float64) ScatterAdd<double, double, AsIs<double>, double, AsIs<double>>(dy, ids, dtable);
        else ScatterAdd<float, float, AsIs<float>, float, AsIs<float>>(dy, ids, dtable);
    }

    private void Gather<T, TStored, TStorage>(in View table, in View ids, in Destination y)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        ArrayView<long> check = CheckIds(nameof(Gather), ids, table.Shape[0]);
        int columns = table.Shape[1], count = ids.Shape.ElementCount * columns;
        if (count == 0) return;
        GatherKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            Table = Stored<T, TStored, TStorage>(table),
            Y = Stored<T, TStored, TStorage>(y),
            Ids = In<int>(ids),
            Check = check,
            Count = count,
            Columns = columns,
            Adds = Adds(y),
            InFours = AreFours<TStored>(columns, table, y.View),
        };
        _device.Launch(GatherKernel<T, TStored, TStorage>.Run, PerElement(count, arguments.InFours), arguments);
    }

    private void ScatterAdd<T, TFrom, TRead, TTo, TWrite>(in View dy, in View ids, in Destination dtable)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TFrom : unmanaged
        where TRead : struct, IStorage<TFrom, T>
        where TTo : unmanaged
        where TWrite : struct, IStorage<TTo, T>
    {
        (int rows, int columns) = (dtable.View.Shape[0], dtable.View.Shape[1]);
        ArrayView<long> check = CheckIds(nameof(ScatterAdd), ids, rows);
        int count = ids.Shape.ElementCount;
        if (!dtable.Accumulates) Clear<TTo>(dtable.View, check);
        if (count == 0 || columns == 0) return;
        ScatterAddKernel<T, TFrom, TRead, TTo, TWrite>.Arguments arguments = new()
        {
            Dy = Stored<T, TFrom, TRead>(dy),
            Dtable = Stored<T, TTo, TWrite>(dtable),
            Ids = In<int>(ids),
            Check = check,
            Count = count,
            Columns = columns,
            IsAligned = AreFours<TFrom>(columns, dy) & AreFours<TTo>(columns, dtable.View),
        };
        _device.Launch(ScatterAddKernel<T, TFrom, TRead, TTo, TWrite>.Run, PerRowInFours(count, columns), arguments);
    }

    /// <summary>Zeros, unless a check before found something.</summary>
    private void Clear<T>(in View y, ArrayView<long> check) where T : unmanaged
    {
        int count = y.Shape.ElementCount;
        if (count == 0) return;
        ClearKernel<T>.Arguments arguments = new() { Y = In<T>(y), Check = check, Count = count };
        _device.Launch(ClearKernel<T>.Run, PerElement(count), arguments);
    }

    private ArrayView<long> CheckIds(string verb, in View ids, int rows) =>
        Check(ids, rows, null, (n, id) => new IndexRangeException(
        $"{verb}: ids[{n}] is {id}, outside 0 <= id < {rows} (rows of the table).",
        "is the table as large as the vocabulary that made the ids?"));
}
