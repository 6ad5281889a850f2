using System.Buffers;
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
        ulong[] order = RentOrder(id);
        double[] sum = ArrayPool<double>.Shared.Rent(length);
        for (int i = 0; i < id.Length; i++)
        {
            int n = (int)(uint)order[i], row = id[n];
            bool isFirst = i == 0 || order[i - 1] >> 32 != (uint)row;
            bool isLast = i + 1 == id.Length || order[i + 1] >> 32 != (uint)row;
            for (int c = 0; c < length; c++)
            {
                double before = isFirst ? double.CreateTruncating(to[row * length + c]) : sum[c];
                sum[c] = before + double.CreateTruncating(from[n * length + c]);
                if (isLast) to[row * length + c] = T.CreateTruncating(sum[c]);
            }
        }
        ArrayPool<ulong>.Shared.Return(order);
        ArrayPool<double>.Shared.Return(sum);
    }

    /// <summary>Each id and its n in the halves of a number, ascending: rows of one id follow one another, n ascending. It may be
    /// longer than the ids, and goes back to the shared pool.</summary>
    /// <param name="ids">The ids, none of them negative.</param>
    protected static ulong[] RentOrder(ReadOnlySpan<int> ids)
    {
        ulong[] order = ArrayPool<ulong>.Shared.Rent(ids.Length);
        for (int n = 0; n < ids.Length; n++) order[n] = ((ulong)ids[n] << 32) | (uint)n;
        order.AsSpan(0, ids.Length).Sort();
        return order;
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
