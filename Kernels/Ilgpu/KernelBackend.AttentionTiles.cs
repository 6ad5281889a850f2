using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public abstract partial class KernelBackend
{
    private AttentionRung Rung(DType dtype, AttentionShape shape) =>
        ForcedAttentionRung is { } forced && dtype == DType.Float32 && AttentionPlan.Fits(shape)
            ? forced == AttentionRung.AsyncBFloat16 ? AttentionRung.BFloat16 : forced
            : AttentionPlan.Choose(_device, _options.MatmulPrecision, dtype, shape);

    /// <summary>The rung of operands that are <see cref="BFloat16"/> in memory; null where it is better to make floats of them
    /// first.</summary>
    private AttentionRung? RoundedRung(AttentionShape shape, params ReadOnlySpan<View> operands)
    {
        bool isAligned = AttentionPlan.IsInSixteens(shape) && AreFours<ushort>(shape.Size, operands) != 0;
        if (ForcedAttentionRung is not { } forced || !AttentionPlan.Fits(shape))
            return AttentionPlan.ChooseRounded(_device, shape, isAligned);
        if (forced is not (AttentionRung.BFloat16 or AttentionRung.AsyncBFloat16)) return null;
        return isAligned ? forced : AttentionRung.BFloat16;
    }

    private void AttentionInTiles<TStored, TStorage>(in View q, in View k, in View v, AttentionRung rung, AttentionShape shape,
        AttentionOptions options, in View y, in View lse)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        AttentionTiledArguments<TStored, TStorage> arguments = Tiles<TStored, TStorage>(q, k, v, shape, options) with
        {
            Lse = In<double>(lse),
            To = In<TStored>(y),
            IsAligned = AreFours<TStored>(shape.Size, q, k, v, y),
        };
        LaunchTiles(Forward<TStored, TStorage>(rung, shape), q.Shape[0] * shape.Heads, shape.Queries, arguments);
    }

    private void GradientInTiles<TStored, TStorage, TRead>(in View q, in View k, in View v, in View y, in View lse, in View dy,
        AttentionRung rung, AttentionShape shape, AttentionOptions options, in Destination dq, in Destination dk,
        in Destination dv)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
        where TRead : struct, IStorage<TStored, float>
    {
        int rows = lse.Shape.ElementCount;
        using Temporary<float> shift = Rent<float>(rows), rest = Rent<float>(rows), delta = Rent<float>(rows);
        AttentionTiledArguments<TStored, TStorage> arguments = Tiles<TStored, TStorage>(q, k, v, shape, options) with
        {
            Dy = In<TStored>(dy),
            Shift = shift.Elements,
            Rest = rest.Elements,
            Delta = delta.Elements,
        };
        Delta(rows, new AttentionDeltaKernel<float, TStored, TRead>.Arguments
        {
            Y = Stored<float, TStored, TRead>(y),
            Dy = Stored<float, TStored, TRead>(dy),
            Delta = delta.Elements,
            Lse = In<double>(lse),
            Shift = shift.Elements,
            Rest = rest.Elements,
            FromNatural = arguments.Units.FromNatural,
            SplitsLogSums = 1,
            Shape = shape,
            Rows = rows,
        });
        int isAligned = AreFours<TStored>(shape.Size, q, k, v, dy);
        int heads = q.Shape[0] * shape.KeyHeads;
        if (dq.Exists)
            LaunchTiles(QueryGradient<TStored, TStorage>(rung, shape), q.Shape[0] * shape.Heads, shape.Queries,
                To(arguments, dq, isAligned));
        if (dk.Exists && dv.Exists && !AttentionPlan.IsWide(shape))
        {
            int areAligned = IsAligned<TStored>(dv.View) ? isAligned : 0;
            LaunchTiles(PairGradient<TStored, TStorage>(rung), heads, shape.Keys, To(arguments, dk, areAligned) with
            {
                ToV = In<TStored>(dv),
                AddsV = Adds(dv),
            });
            return;
        }
        if (dk.Exists)
            LaunchTiles(KeyGradient<TStored, TStorage>(rung, shape), heads, shape.Keys, To(arguments, dk, isAligned));
        if (dv.Exists)
            LaunchTiles(ValueGradient<TStored, TStorage>(rung, shape), heads, shape.Keys, To(arguments, dv, isAligned));
    }

    private AttentionTiledArguments<TStored, TStorage> To<TStored, TStorage>(
        in AttentionTiledArguments<TStored, TStorage> arguments, in Destination to, int isAligned)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored> => arguments with
        {
            To = In<TStored>(to),
            Adds = Adds(to),
            IsAligned = IsAligned<TStored>(to.View) ? isAligned : 0,
        };

    private AttentionTiledArguments<TStored, TStorage> Tiles<TStored, TStorage>(
        in View q, in View k, in View v, AttentionShape shape, AttentionOptions options)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored> => new()
        {
            Q = In<TStored>(q),
            K = In<TStored>(k),
            V = In<TStored>(v),
            Shape = shape,
            Scale = (float)options.ScaleFor(shape.Size),
            Units = AttentionUnits.Of(options.ScaleFor(shape.Size)),
        };

    /// <summary>A group for each 64 of so many rows of each head; all rungs have the same measures.</summary>
    private void LaunchTiles<TStored, TStorage>(in AttentionTiles<TStored, TStorage> tiles, int heads, int rows,
        in AttentionTiledArguments<TStored, TStorage> arguments)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        int blocks = AttentionPlan.Blocks(rows);
        if (heads == 0 || blocks == 0) return;
        LaunchShape shape = new(checked(heads * blocks), AttentionStage.Lanes, SharedBytes: tiles.SharedBytes);
        _device.Launch(tiles.Kernel, shape, arguments with { Blocks = blocks });
    }

    private static AttentionTiles<TStored, TStorage> Forward<TStored, TStorage>(
        AttentionRung rung, AttentionShape shape)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored> =>
        (rung, AttentionPlan.IsWide(shape)) switch
        {
            (AttentionRung.Tiled, false) => OfFloats<TStored, TStorage>(AttentionTiledKernel<AttentionNarrow>.Run),
            (AttentionRung.Tiled, true) => OfFloats<TStored, TStorage>(AttentionTiledKernel<AttentionWide>.Run),
            (AttentionRung.TensorFloat32, var wide) =>
                AttentionMmaChoice<TensorFloat32Format, ThroughRegisters, TStored, TStorage>.Forward(wide),
            (AttentionRung.AsyncBFloat16, var wide) =>
                AttentionMmaChoice<BFloat16Format, CopiedAhead, TStored, TStorage>.Forward(wide),
            (_, var wide) => AttentionMmaChoice<BFloat16Format, ThroughRegisters, TStored, TStorage>.Forward(wide),
        };

    private static AttentionTiles<TStored, TStorage> QueryGradient<TStored, TStorage>(
        AttentionRung rung, AttentionShape shape)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored> =>
        (rung, AttentionPlan.IsWide(shape)) switch
        {
            (AttentionRung.Tiled, false) => OfFloats<TStored, TStorage>(AttentionQueryGradientTiledKernel<AttentionNarrow>.Run),
            (AttentionRung.Tiled, true) => OfFloats<TStored, TStorage>(AttentionQueryGradientTiledKernel<AttentionWide>.Run),
            (AttentionRung.TensorFloat32, var wide) =>
                AttentionMmaChoice<TensorFloat32Format, ThroughRegisters, TStored, TStorage>.QueryGradient(wide),
            (AttentionRung.AsyncBFloat16, var wide) =>
                AttentionMmaChoice<BFloat16Format, CopiedAhead, TStored, TStorage>.QueryGradient(wide),
            (_, var wide) => AttentionMmaChoice<BFloat16Format, ThroughRegisters, TStored, TStorage>.QueryGradient(wide),
        };

    private static AttentionTiles<TStored, TStorage> KeyGradient<TStored, TStorage>(
        AttentionRung rung, AttentionShape shape)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored> =>
        (rung, AttentionPlan.IsWide(shape)) switch
        {
            (AttentionRung.Tiled, false) => OfFloats<TStored, TStorage>(AttentionKeyGradientTiledKernel<AttentionNarrow>.Run),
            (AttentionRung.Tiled, true) => OfFloats<TStored, TStorage>(AttentionKeyGradientTiledKernel<AttentionWide>.Run),
            (AttentionRung.TensorFloat32, var wide) =>
                AttentionMmaChoice<TensorFloat32Format, ThroughRegisters, TStored, TStorage>.KeyGradient(wide),
            (AttentionRung.AsyncBFloat16, var wide) =>
                AttentionMmaChoice<BFloat16Format, CopiedAhead, TStored, TStorage>.KeyGradient(wide),
            (_, var wide) => AttentionMmaChoice<BFloat16Format, ThroughRegisters, TStored, TStorage>.KeyGradient(wide),
        };

    private static AttentionTiles<TStored, TStorage> ValueGradient<TStored, TStorage>(
        AttentionRung rung, AttentionShape shape)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored> =>
        (rung, AttentionPlan.IsWide(shape)) switch
        {
            (AttentionRung.Tiled, false) => OfFloats<TStored, TStorage>(AttentionValueGradientTiledKernel<AttentionNarrow>.Run),
            (AttentionRung.Tiled, true) => OfFloats<TStored, TStorage>(AttentionValueGradientTiledKernel<AttentionWide>.Run),
            (AttentionRung.TensorFloat32, var wide) =>
                AttentionMmaChoice<TensorFloat32Format, ThroughRegisters, TStored, TStorage>.ValueGradient(wide),
            (AttentionRung.AsyncBFloat16, var wide) =>
                AttentionMmaChoice<BFloat16Format, CopiedAhead, TStored, TStorage>.ValueGradient(wide),
            (_, var wide) => AttentionMmaChoice<BFloat16Format, ThroughRegisters, TStored, TStorage>.ValueGradient(wide),
        };

    /// <summary>Both gradients of narrow heads.</summary>
    private static AttentionTiles<TStored, TStorage> PairGradient<TStored, TStorage>(AttentionRung rung)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored> => rung switch
        {
            AttentionRung.Tiled => OfFloats<TStored, TStorage>(AttentionPairGradientTiledKernel.Run),
            AttentionRung.TensorFloat32 =>
                AttentionMmaChoice<TensorFloat32Format, ThroughRegisters, TStored, TStorage>.PairGradient(),
            AttentionRung.AsyncBFloat16 => AttentionMmaChoice<BFloat16Format, CopiedAhead, TStored, TStorage>.PairGradient(),
            _ => AttentionMmaChoice<BFloat16Format, ThroughRegisters, TStored, TStorage>.PairGradient(),
        };

    /// <summary>A kernel of the float rung, where all is float.</summary>
    private static AttentionTiles<TStored, TStorage> OfFloats<TStored, TStorage>(
        Action<AttentionTiledArguments<float, FloatStorage>> kernel)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored> =>
        new((Action<AttentionTiledArguments<TStored, TStorage>>)(object)kernel);

}
