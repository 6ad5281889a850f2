using System.Numerics;
using static AutogradCore.Loops;

namespace AutogradCore;

public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual void Gather(in View table, in View ids, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Gather(table, ids, y);
        if (WidenedVerbs.Are(table, y.View)) Widened.Gather(table, ids, y);
        else if (table.DType == DType.Float64) Gather<double>(table, ids, y);
        else Gather<float>(table, ids, y);
    }

    /// <inheritdoc/>
    public virtual void ScatterAdd(in View dy, in View ids, in Destination dtable)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.ScatterAdd(dy, ids, dtable);
        if (WidenedVerbs.Are(dy, dtable.View)) Widened.ScatterAdd(dy, ids, dtable);
        else if (dy.DType == DType.Float64) ScatterAdd<double>(dy, ids, dtable);
        else ScatterAdd<float>(dy, ids, dtable);
    }

    private static void Gather<T>(in View table, in View ids, in Destination y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<int> id = ids.Span<int>();
        RequireIds(nameof(Gather), id, table.Shape[0]);
        Span<T> from = table.Span<T>(), to = y.View.Span<T>();
        for (int n = 0, length = table.Shape[1]; n < id.Length; n++)
            for (int c = 0; c < length; c++)
                Put(ref to[n * length + c], from[id[n] * length + c], y.Accumulates);
    }

    private static void ScatterAdd<T>(in View dy, in View ids, in Destination dtable)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<int> id = ids.Span<int>();
        RequireIds(nameof(ScatterAdd), id, dtable.View.Shape[0]);
        Span<T> from = dy.Span<T>(), to = dtable.View.Span<T>();
        if (!dtable.Accumulates) to.Clear();
        int length = dtable.View.Shape[1];
        Dictionary<int, double[]> sums = [];
        for (int n = 0; n < id.Length; n++)
        {
            if (!sums.TryGetValue(id[n], out double[]? sum))
            {
                sums[id[n]] = sum = new double[length];
                for (int c = 0; c < length; c++) sum[c] = double.CreateTruncating(to[id[n] * length + c]);
            }
            for (int c = 0; c < length; c++) sum[c] += double.CreateTruncating(from[n * length + c]);
        }
        foreach ((int row, double[] sum) in sums)
            for (int c = 0; c < length; c++) to[row * length + c] = T.CreateTruncating(sum[c]);
    }

    /// <summary>Raises an error that names the first id outside its table, before anything is written.</summary>
    /// <exception cref="IndexRangeException">An id outside 0..rows-1.</exception>
    protected static void RequireIds(string verb, ReadOnlySpan<int> ids, int rows)
    {
        for (int n = 0; n < ids.Length; n++)
            if ((uint)ids[n] >= (uint)rows)
                throw new IndexRangeException(
                    $"{verb}: ids[{n}] is {ids[n]}, outside 0 <= id < {rows} (rows of the table).",
                    "is the table as large as the vocabulary that made the ids?");
    }
}
