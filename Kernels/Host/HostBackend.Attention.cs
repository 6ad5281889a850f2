using System.Numerics;
using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

/// <content>Attention blockwise, on the matrix-product tiles.</content>
public sealed partial class HostBackend
{
    private readonly FlashAttention _attention;

    /// <inheritdoc/>
    public override void Attention(in View q, in View k, in View v, in AttentionOptions options, in View y, in View lse)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Attention(q, k, v, y, lse);
        bool done = !WidenedVerbs.Are(q, k, v, y) && FlashFits(q, k, options)
            && (q.DType == DType.Float64 ? Forward<double>(q, k, v, options, y, lse) : Forward<float>(q, k, v, options, y, lse));
        if (!done) base.Attention(q, k, v, options, y, lse);
    }

    /// <inheritdoc/>
    public override void AttentionGradient(
        in View q, in View k, in View v, in View y, in View lse, in View dy, in AttentionOptions options,
        in Destination dq, in Destination dk, in Destination dv)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.AttentionGradient(q, k, v, y, lse, dy, dq, dk, dv);
        if (WidenedVerbs.Are(q, k, v, dy))
        {
            base.AttentionGradient(q, k, v, y, lse, dy, options, dq, dk, dv);
            return;
        }

        // What is written can be written again by the reference; what is added cannot be taken back.
        bool adds = dq.Accumulates || dk.Accumulates || dv.Accumulates;
        bool fits = FlashFits(q, k, options) && (!adds || (IsFinite(q) && IsFinite(k) && IsFinite(v) && IsFinite(dy)));
        bool holds = fits && (q.DType == DType.Float64
            ? Backward<double>(q, k, v, y, lse, dy, options, dq, dk, dv)
            : Backward<float>(q, k, v, y, lse, dy, options, dq, dk, dv));
        if (!fits || !(holds || adds)) base.AttentionGradient(q, k, v, y, lse, dy, options, dq, dk, dv);
    }

    private unsafe bool Forward<T>(in View q, in View k, in View v, AttentionOptions options, in View y, in View lse)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        _attention.Forward(
            ShapeOf(q, k, options), Source<T>(q), Source<T>(k), Source<T>(v), Source<T>(y), lse.Pointer<double>());

    private unsafe bool Backward<T>(in View q, in View k, in View v, in View y, in View lse, in View dy, AttentionOptions options,
        in Destination dq, in Destination dk, in Destination dv) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        _attention.Backward(
            ShapeOf(q, k, options), Source<T>(q), Source<T>(k), Source<T>(v), Source<T>(y), lse.Pointer<double>(), Source<T>(dy),
            Target<T>(dq), Target<T>(dk), Target<T>(dv));

    /// <summary>The blockwise kernels hold masked scores at minus infinity, which a scale of zero would turn into NaN.</summary>
    private static bool FlashFits(in View q, in View k, AttentionOptions options) =>
        q.Shape.ElementCount > 0 && k.Shape.ElementCount > 0 && options.ScaleFor(q.Shape[3]) is not 0;

    private static FlashShape ShapeOf(in View q, in View k, AttentionOptions options) => new(
        q.Shape[0], q.Shape[1], k.Shape[1], q.Shape[2], k.Shape[2], q.Shape[3],
        options.Causal, options.ScaleFor(q.Shape[3]));

    private static unsafe FlashRef<T> Source<T>(in View x) where T : unmanaged => new(x.Pointer<T>(), x.Shape[2] * x.Shape[3]);

    private static unsafe FlashRef<T> Target<T>(in Destination d) where T : unmanaged => d.Exists
        ? new(d.View.Pointer<T>(), d.View.Shape[2] * d.View.Shape[3], d.Accumulates ? Store.Add : Store.Write)
        : default;
}
