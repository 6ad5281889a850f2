using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public sealed partial class IlgpuBackend
{
    private AttentionRung Rung(DType dtype, AttentionShape shape) =>
        ForcedAttentionRung is { } forced && dtype == DType.Float32 && AttentionPlan.Fits(shape)
            ? forced : AttentionPlan.Choose(_device, dtype, shape);

    private void AttentionInTiles(in View q, in View k, in View v, AttentionShape shape, AttentionOptions options,
        in View y, in View lse)
    {
        AttentionTiledArguments arguments = Tiles(q, k, v, lse, shape, options) with
        {
            To = In<float>(y),
            Blocks = AttentionPlan.Blocks(shape.Queries),
            IsAligned = AreAligned(shape, q, k, v, y),
        };
        LaunchTiles(AttentionTiledKernel<AttentionNarrow>.Run, AttentionTiledKernel<AttentionWide>.Run,
            q.Shape[0] * shape.Heads, arguments);
    }

    private void GradientInTiles(in View q, in View k, in View v, in View lse, in View dy, AttentionShape shape,
        AttentionOptions options, ArrayView<float> delta, in Destination dq, in Destination dk, in Destination dv)
    {
        AttentionTiledArguments arguments = Tiles(q, k, v, lse, shape, options) with { Dy = In<float>(dy), Delta = delta };
        if (dq.Exists)
            LaunchTiles(
                AttentionQueryGradientTiledKernel<AttentionNarrow>.Run, AttentionQueryGradientTiledKernel<AttentionWide>.Run,
                q.Shape[0] * shape.Heads, arguments with
                {
                    To = In<float>(dq),
                    Adds = Adds(dq),
                    Blocks = AttentionPlan.Blocks(shape.Queries),
                    IsAligned = AreAligned(shape, q, k, v, dy, dq.View),
                });
        if (dk.Exists)
            LaunchTiles(
                AttentionKeyGradientTiledKernel<AttentionNarrow>.Run, AttentionKeyGradientTiledKernel<AttentionWide>.Run,
                q.Shape[0] * shape.KeyHeads, arguments with
                {
                    To = In<float>(dk),
                    Adds = Adds(dk),
                    Blocks = AttentionPlan.Blocks(shape.Keys),
                    IsAligned = AreAligned(shape, q, k, v, dy, dk.View),
                });
        if (dv.Exists)
            LaunchTiles(
                AttentionValueGradientTiledKernel<AttentionNarrow>.Run, AttentionValueGradientTiledKernel<AttentionWide>.Run,
                q.Shape[0] * shape.KeyHeads, arguments with
                {
                    To = In<float>(dv),
                    Adds = Adds(dv),
                    Blocks = AttentionPlan.Blocks(shape.Keys),
                    IsAligned = AreAligned(shape, q, k, dy, dv.View),
                });
    }

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

    private void LaunchTiles(Action<AttentionTiledArguments> narrow, Action<AttentionTiledArguments> wide, int heads,
        in AttentionTiledArguments arguments)
    {
        LaunchShape shape = new(checked(heads * arguments.Blocks), AttentionStage.Lanes);
        if (shape.GridX > 0) _device.Launch(AttentionPlan.IsWide(arguments.Shape) ? wide : narrow, shape, arguments);
    }

    private static int AreAligned(AttentionShape shape, params ReadOnlySpan<View> operands)
    {
        if (shape.Size % 4 != 0) return 0;
        foreach (View operand in operands)
            if (!IsAligned<float>(operand)) return 0;
        return 1;
    }
}
