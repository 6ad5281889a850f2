using System.Numerics;
using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public override void Cast(in View x, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Cast(x, y);
        bool done = WidenedVerbs.Are(x, y.View) ? TryRound(x, y) : x.DType switch
        {
            DType.Float32 => TryCastFrom<float>(x, y),
            DType.Float64 => TryCastFrom<double>(x, y),
            DType.Int32 => TryCastFrom<int>(x, y),
            _ => TryCastFrom<byte>(x, y),
        };
        if (!done) base.Cast(x, y);
    }

    /// <summary>Between floats and BFloat16, either way or within BFloat16.</summary>
    private bool TryRound(in View x, in Destination y) => (x.DType, y.View.DType) switch
    {
        (DType.Float32, DType.BFloat16) => TryRound<float, BFloat16>(x, y),
        (DType.BFloat16, DType.Float32) => TryRound<BFloat16, float>(x, y),
        (DType.BFloat16, DType.BFloat16) => TryRound<BFloat16, BFloat16>(x, y),
        _ => false,
    };

    private unsafe bool TryRound<TFrom, TTo>(in View x, in Destination y)
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        View to = y.View;
        long bytes = x.Bytes + to.Bytes;
        if (x.IsDense && to.IsDense)
            Share(to.Shape.ElementCount, Grain, bytes,
                new RoundedRange<TFrom, TTo>(x.Pointer<TFrom>(), to.Pointer<TTo>(), y.Accumulates));
        else if (StridedRows.Step(x) == 1 && StridedRows.Step(to) == 1)
            Share(to.Shape.Rows, 1, bytes, new RoundedRows<TFrom, TTo>(x, to, y.Accumulates));
        else
            return false;
        return true;
    }

    private bool TryCastFrom<TFrom>(in View x, in Destination y)
        where TFrom : unmanaged, INumber<TFrom> =>
        y.View.DType switch
        {
            DType.Float32 => TryCast<TFrom, float>(x, y),
            DType.Float64 => TryCast<TFrom, double>(x, y),
            DType.Int32 => TryCast<TFrom, int>(x, y),
            _ => !y.Accumulates && TryCast<TFrom, byte>(x, y),
        };

    private unsafe bool TryCast<TFrom, TTo>(in View x, in Destination y)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        View to = y.View;
        long bytes = x.Bytes + to.Bytes;
        if (x.IsDense && to.IsDense)
            Share(to.Shape.ElementCount, Grain, bytes,
                new CastRange<TFrom, TTo>(x.Pointer<TFrom>(), to.Pointer<TTo>(), y.Accumulates));
        else if (StridedRows.Step(x) == 1 && StridedRows.Step(to) == 1)
            Share(to.Shape.Rows, 1, bytes, new CastRows<TFrom, TTo>(x, to, y.Accumulates));
        else
            return false;
        return true;
    }
}
