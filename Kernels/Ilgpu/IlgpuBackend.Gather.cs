using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Gather(in View table, in View ids, in Destination y)
    {
        if (WidenedVerbs.Are(table, y.View)) _widened.Gather(table, ids, y);
        else if (table.DType == DType.Float64) Gather<double>(table, ids, y);
        else Gather<float>(table, ids, y);
    }

    /// <inheritdoc/>
    public void ScatterAdd(in View dy, in View ids, in Destination dtable)
    {
        if (WidenedVerbs.Are(dy, dtable.View)) _widened.ScatterAdd(dy, ids, dtable);
        else if (dy.DType == DType.Float64) ScatterAdd<double>(dy, ids, dtable);
        else ScatterAdd<float>(dy, ids, dtable);
    }

    private void Gather<T>(in View table, in View ids, in Destination y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArrayView<long> check = CheckIds(nameof(Gather), ids, table.Shape[0]);
        int columns = table.Shape[1], count = ids.Shape.ElementCount * columns;
        if (count == 0) return;
        _device.Launch(GatherKernel<T>.Run, PerElement(count), new GatherKernel<T>.Arguments
        {
            Table = In<T>(table),
            Y = In<T>(y),
            Ids = In<int>(ids),
            Check = check,
            Count = count,
            Columns = columns,
            Adds = Adds(y),
        });
    }

    private void ScatterAdd<T>(in View dy, in View ids, in Destination dtable) where T : unmanaged, IFloatingPointIeee754<T>
    {
        (int rows, int columns) = (dtable.View.Shape[0], dtable.View.Shape[1]);
        ArrayView<long> check = CheckIds(nameof(ScatterAdd), ids, rows);
        int count = ids.Shape.ElementCount;
        if (!dtable.Accumulates) Clear<T>(dtable.View, check);
        if (count == 0 || columns == 0) return;
        _device.Launch(ScatterAddKernel<T>.Run, PerRow(count, columns), new ScatterAddKernel<T>.Arguments
        {
            Dy = In<T>(dy),
            Dtable = In<T>(dtable),
            Ids = In<int>(ids),
            Check = check,
            Count = count,
            Columns = columns,
        });
    }

    /// <summary>Zeros, unless a check before found something.</summary>
    private void Clear<T>(in View y, ArrayView<long> check) where T : unmanaged, IFloatingPointIeee754<T>
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
