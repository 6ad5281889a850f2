using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public sealed partial class IlgpuBackend
{
    private AttentionRung Rung(DType dtype, AttentionShape shape) =>
        ForcedAttentionRung is { } forced && dtype == DType.Float32 && AttentionPlan.Fits(shape)
            ? forced : AttentionPlan.Choose(_device, _options.MatmulPrecision, dtype, shape);

    private void AttentionInTiles(in View q, in View k, in View v, AttentionRung rung, AttentionShape shape,
        AttentionOptions options, in View y, in View lse)
    {
        AttentionTiledArguments arguments = Tiles(q, k, v, lse, shape, options) with
        {
            To = In<float>(y),
            IsAligned = AreAligned(shape, q, k, v, y),
        };
        LaunchTiles(Forward(rung, shape), q.Shape[0] * shape.Heads, shape.Queries, arguments);
    }

    private void GradientInTiles(in View q, in View k, in View v, in View lse, in View dy, AttentionRung rung,
        AttentionShape shape, AttentionOptions options, ArrayView<float> delta, in Destination dq, in Destination dk,
        in Destination dv)
    {
        AttentionTiledArguments arguments = Tiles(q, k, v, lse, shape, options) with { Dy = In<float>(dy), Delta = delta };
        int isAligned = AreAligned(shape, q, k, v, dy);
        int heads = q.Shape[0] * shape.KeyHeads;
        if (dq.Exists)
            LaunchTiles(
                QueryGradient(rung, shape), q.Shape[0] * shape.Heads, shape.Queries, To(arguments, dq, isAligned));
        if (dk.Exists && dv.Exists && !AttentionPlan.IsWide(shape))
        {
            LaunchTiles(PairGradient(rung), heads, shape.Keys, To(arguments, dk, IsAligned<float>(dv.View) ? isAligned : 0) with
            {
                ToV = In<float>(dv),
                AddsV = Adds(dv),
            });
            return;
        }
        if (dk.Exists) LaunchTiles(KeyGradient(rung, shape), heads, shape.Keys, To(arguments, dk, isAligned));
        if (dv.Exists) LaunchTiles(ValueGradient(rung, shape), heads, shape.Keys, To(arguments, dv, isAligned));
    }

    private AttentionTiledArguments To(in AttentionTiledArguments arguments, in Destination to, int isAligned) => arguments with
    {
        To = In<float>(to),
        Adds = Adds(to),
        IsAligned = IsAligned<float>(to.View) ? isAligned : 0,
    };

    private AttentionTiledArguments Tiles(
        in View q, in View k, in View v, in View lse, AttentionShape shape, AttentionOptions options) => new()
        {
            Q = In<float>(q),
            K = In<float>(k),
            V = In<float>(v),
            Lse = In<float>(lse),
            Shape = shape,
            Scale = (float)options.ScaleFor(shape.Size),
        };

    /// <summary>A group for each 64 of so many rows of each head; both rungs have the same measures.</summary>
    private void LaunchTiles(Action<AttentionTiledArguments> kernel, int heads, int rows, in AttentionTiledArguments arguments)
    {
        int blocks = AttentionPlan.Blocks(rows);
        if (heads == 0 || blocks == 0) return;
        LaunchShape shape = new(checked(heads * blocks), AttentionStage.Lanes);
        _device.Launch(kernel, shape, arguments with { Blocks = blocks });
    }

    private static Action<AttentionTiledArguments> Forward(AttentionRung rung, AttentionShape shape) =>
        (rung, AttentionPlan.IsWide(shape)) switch
        {
            (AttentionRung.Tiled, false) => AttentionTiledKernel<AttentionNarrow>.Run,
            (AttentionRung.Tiled, true) => AttentionTiledKernel<AttentionWide>.Run,
            (_, false) => AttentionMmaKernel<AttentionNarrow>.Run,
            (_, true) => AttentionMmaKernel<AttentionWide>.Run,
        };

    private static Action<AttentionTiledArguments> QueryGradient(AttentionRung rung, AttentionShape shape) =>
        (rung, AttentionPlan.IsWide(shape)) switch
        {
            (AttentionRung.Tiled, false) => AttentionQueryGradientTiledKernel<AttentionNarrow>.Run,
            (AttentionRung.Tiled, true) => AttentionQueryGradientTiledKernel<AttentionWide>.Run,
            (_, false) => AttentionQueryGradientMmaKernel<AttentionNarrow>.Run,
            (_, true) => AttentionQueryGradientMmaKernel<AttentionWide>.Run,
        };

    private static Action<AttentionTiledArguments> KeyGradient(AttentionRung rung, AttentionShape shape) =>
        (rung, AttentionPlan.IsWide(shape)) switch
        {
            (AttentionRung.Tiled, false) => AttentionKeyGradientTiledKernel<AttentionNarrow>.Run,
            (AttentionRung.Tiled, true) => AttentionKeyGradientTiledKernel<AttentionWide>.Run,
            (_, false) => AttentionKeyGradientMmaKernel<AttentionNarrow>.Run,
            (_, true) => AttentionKeyGradientMmaKernel<AttentionWide>.Run,
        };

    private static Action<AttentionTiledArguments> ValueGradient(AttentionRung rung, AttentionShape shape) =>
        (rung, AttentionPlan.IsWide(shape)) switch
        {
            (AttentionRung.Tiled, false) => AttentionValueGradientTiledKernel<AttentionNarrow>.Run,
            (AttentionRung.Tiled, true) => AttentionValueGradientTiledKernel<AttentionWide>.Run,
            (_, false) => AttentionValueGradientMmaKernel<AttentionNarrow>.Run,
            (_, true) => AttentionValueGradientMmaKernel<AttentionWide>.Run,
        };

    /// <summary>Both gradients of narrow heads.</summary>
    private static Action<AttentionTiledArguments> PairGradient(AttentionRung rung) =>
        rung == AttentionRung.Tiled ? AttentionPairGradientTiledKernel.Run : AttentionPairGradientMmaKernel.Run;

    private static int AreAligned(AttentionShape shape, params ReadOnlySpan<View> operands)
    {
        if (shape.Size % 4 != 0) return 0;
        foreach (View operand in operands)
            if (!IsAligned<float>(operand)) return 0;
        return 1;
    }
}
