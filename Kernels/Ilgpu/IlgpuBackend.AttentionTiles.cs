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
        int heads = q.Shape[0] * shape.Heads;
        if (rung == AttentionRung.Tiled)
            LaunchTiles(AttentionTiledKernel<AttentionNarrow>.Run, AttentionTiledKernel<AttentionWide>.Run,
                heads, shape.Queries, arguments);
        else
            LaunchTiles(AttentionMmaKernel<AttentionNarrow>.Run, AttentionMmaKernel<AttentionWide>.Run,
                heads, shape.Queries, arguments);
    }

    private void GradientInTiles(in View q, in View k, in View v, in View lse, in View dy, AttentionRung rung,
        AttentionShape shape, AttentionOptions options, ArrayView<float> delta, in Destination dq, in Destination dk,
        in Destination dv)
    {
        AttentionTiledArguments arguments = Tiles(q, k, v, lse, shape, options) with { Dy = In<float>(dy), Delta = delta };
        int isAligned = AreAligned(shape, q, k, v, dy), heads = q.Shape[0] * shape.Heads, keyHeads = q.Shape[0] * shape.KeyHeads;
        bool isTiled = rung == AttentionRung.Tiled;
        if (dq.Exists)
            LaunchTiles(
                isTiled ? AttentionQueryGradientTiledKernel<AttentionNarrow>.Run
                    : AttentionQueryGradientMmaKernel<AttentionNarrow>.Run,
                isTiled ? AttentionQueryGradientTiledKernel<AttentionWide>.Run : AttentionQueryGradientMmaKernel<AttentionWide>.Run,
                heads, shape.Queries, To(arguments, dq, isAligned));
        if (dk.Exists)
            LaunchTiles(
                isTiled ? AttentionKeyGradientTiledKernel<AttentionNarrow>.Run : AttentionKeyGradientMmaKernel<AttentionNarrow>.Run,
                isTiled ? AttentionKeyGradientTiledKernel<AttentionWide>.Run : AttentionKeyGradientMmaKernel<AttentionWide>.Run,
                keyHeads, shape.Keys, To(arguments, dk, isAligned));
        if (dv.Exists)
            LaunchTiles(
                isTiled ? AttentionValueGradientTiledKernel<AttentionNarrow>.Run
                    : AttentionValueGradientMmaKernel<AttentionNarrow>.Run,
                isTiled ? AttentionValueGradientTiledKernel<AttentionWide>.Run : AttentionValueGradientMmaKernel<AttentionWide>.Run,
                keyHeads, shape.Keys, To(arguments, dv, isAligned));
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
    private void LaunchTiles(Action<AttentionTiledArguments> narrow, Action<AttentionTiledArguments> wide, int heads, int rows,
        in AttentionTiledArguments arguments)
    {
        int blocks = AttentionPlan.Blocks(rows);
        if (heads == 0 || blocks == 0) return;
        _device.Launch(AttentionPlan.IsWide(arguments.Shape) ? wide : narrow,
            new LaunchShape(checked(heads * blocks), AttentionStage.Lanes), arguments with { Blocks = blocks });
    }

    private static int AreAligned(AttentionShape shape, params ReadOnlySpan<View> operands)
    {
        if (shape.Size % 4 != 0) return 0;
        foreach (View operand in operands)
            if (!IsAligned<float>(operand)) return 0;
        return 1;
    }
}
