using System.Buffers;
using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public override void Gather(in View table, in View ids, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Gather(table, ids, y);
        RequireIds(nameof(Gather), ids.Span<int>(), table.Shape[0]);
        if (WidenedVerbs.Are(table, y.View)) base.Gather(table, ids, y);
        else if (table.DType == DType.Float64) Gather<double>(table, ids, y);
        else Gather<float>(table, ids, y);
    }

    /// <inheritdoc/>
    public override void ScatterAdd(in View dy, in View ids, in Destination dtable)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.ScatterAdd(dy, ids, dtable);
        RequireIds(nameof(ScatterAdd), ids.Span<int>(), dtable.View.Shape[0]);
        if (!dtable.Accumulates) Fill(dtable.View, 0);
        if (WidenedVerbs.Are(dy, dtable.View)) base.ScatterAdd(dy, ids, dtable);
        else if (dy.DType == DType.Float64) ScatterAdd<double>(dy, ids, dtable.View);
        else ScatterAdd<float>(dy, ids, dtable.View);
    }

    private unsafe void Gather<T>(in View table, in View ids, in Destination y)
        where T : unmanaged =>
        Share(ids.Shape.ElementCount, 1, 2 * y.View.Bytes,
            new GatherRows<T>(Dense<T>(table), Dense<int>(ids), table.Shape[1], Dense<T>(y.View), y.Accumulates));

    private unsafe void ScatterAdd<T>(in View dy, in View ids, in View table)
        where T : unmanaged
    {
        ulong[] order = RentOrder(ids.Span<int>());
        fixed (ulong* entries = order)
        {
            Share(table.Shape[1], 16, 2 * dy.Bytes,
                new ScatterColumns<T>(Dense<T>(dy), entries, ids.Shape.ElementCount, table.Shape[1], Dense<T>(table)));
        }
        ArrayPool<ulong>.Shared.Return(order);
    }
}
