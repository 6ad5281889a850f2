using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public sealed partial class IlgpuBackend
{
    /// <summary>The rung that every attention takes where tests ask for one; null: the best for each.</summary>
    internal AttentionRung? ForcedAttentionRung { get; init; }

    /// <inheritdoc/>
    public void Attention(in View q, in View k, in View v, in AttentionOptions options, in View y, in View lse)
    {
        VerbShapes.Attention(q, k, v, y, lse);
        if (AreRounded(q, k, v, y) && AreFloats(lse) && AttentionShape.Of(q, k, options) is var shape
            && RoundedRung(shape, q, k, v) is { } rung)
            AttentionInTiles<ushort, BFloat16Storage>(q, k, v, rung, shape, options, y, lse);
        else if (WidenedVerbs.Are(q, k, v, y)) _widened.Attention(q, k, v, options, y, lse);
        else if (q.DType == DType.Float64) Attention<double>(q, k, v, options, y, lse);
        else Attention<float>(q, k, v, options, y, lse);
    }

    /// <inheritdoc/>
    public void AttentionGradient(
        in View q, in View k, in View v, in View y, in View lse, in View dy, in AttentionOptions options,
        in Destination dq, in Destination dk, in Destination dv)
    {
        VerbShapes.AttentionGradient(q, k, v, y, lse, dy, dq, dk, dv);
        if (AreRounded(q, k, v, y, dy, dq.View, dk.View, dv.View) && AreFloats(lse)
            && AttentionShape.Of(q, k, options) is var shape && RoundedRung(shape, q, k, v, dy) is { } rung)
            RoundedGradient(q, k, v, y, lse, dy, rung, shape, options, dq, dk, dv);
        else if (WidenedVerbs.Are(q, k, v, dy)) _widened.AttentionGradient(q, k, v, y, lse, dy, options, dq, dk, dv);
        else if (q.DType == DType.Float64) AttentionGradient<double>(q, k, v, y, lse, dy, options, dq, dk, dv);
        else AttentionGradient<float>(q, k, v, y, lse, dy, options, dq, dk, dv);
    }

    private unsafe void Attention<T>(in View q, in View k, in View v, AttentionOptions options, in View y, in View lse)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int rows = lse.Shape.ElementCount;
        if (rows == 0) return;
        AttentionShape shape = AttentionShape.Of(q, k, options);
        if (Rung(q.DType, shape) is var rung and not AttentionRung.PerQuery)
        {
            AttentionInTiles<float, FloatStorage>(q, k, v, rung, shape, options, y, lse);
            return;
        }
        LaunchShape perQuery = PerRow(rows, shape.Keys);
        _device.Launch(AttentionKernel<T>.Run, perQuery with { SharedBytes = (perQuery.Group + shape.Size) * sizeof(T) },
            new AttentionKernel<T>.Arguments
            {
                Q = In<T>(q),
                K = In<T>(k),
                V = In<T>(v),
                Y = In<T>(y),
                Lse = In<T>(lse),
                Shape = shape,
                Scale = T.CreateTruncating(options.ScaleFor(shape.Size)),
            });
    }

    private unsafe void AttentionGradient<T>(in View q, in View k, in View v, in View y, in View lse, in View dy,
        AttentionOptions options, in Destination dq, in Destination dk, in Destination dv)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        AttentionShape shape = AttentionShape.Of(q, k, options);
        T scale = T.CreateTruncating(options.ScaleFor(shape.Size));
        int rows = lse.Shape.ElementCount, keys = k.Shape[0] * shape.Keys * shape.KeyHeads;
        using Temporary<T> delta = Rent<T>(rows);
        Delta<T, T, AsIs<T>>(y, dy, delta.Elements, shape);
        if (Rung(q.DType, shape) is var rung and not AttentionRung.PerQuery)
        {
            GradientInTiles<float, FloatStorage>(
                q, k, v, lse, dy, rung, shape, options, delta.Elements.Cast<float>(), dq, dk, dv);
            return;
        }
        if (dq.Exists && rows > 0)
        {
            LaunchShape perQuery = PerRow(rows, shape.Keys);
            _device.Launch(AttentionQueryGradientKernel<T>.Run,
                perQuery with { SharedBytes = (perQuery.Group + shape.Size) * sizeof(T) },
                new AttentionQueryGradientKernel<T>.Arguments
                {
                    Q = In<T>(q),
                    K = In<T>(k),
                    V = In<T>(v),
                    Dy = In<T>(dy),
                    Lse = In<T>(lse),
                    Delta = delta.Elements,
                    Dq = In<T>(dq),
                    Shape = shape,
                    Scale = scale,
                    Adds = Adds(dq),
                });
        }
        if ((!dk.Exists && !dv.Exists) || keys == 0) return;
        LaunchShape perKey = PerRow(keys, shape.Queries);
        _device.Launch(
            AttentionKeyGradientKernel<T>.Run,
            perKey with { SharedBytes = 2 * (perKey.Group + shape.Size) * sizeof(T) },
            new AttentionKeyGradientKernel<T>.Arguments
            {
                Q = In<T>(q),
                K = In<T>(k),
                V = In<T>(v),
                Dy = In<T>(dy),
                Lse = In<T>(lse),
                Delta = delta.Elements,
                Dk = In<T>(dk),
                Dv = In<T>(dv),
                Shape = shape,
                Scale = scale,
                WantsK = dk.Exists ? 1 : 0,
                WantsV = dv.Exists ? 1 : 0,
                AddsK = Adds(dk),
                AddsV = Adds(dv),
            });
    }

    private void RoundedGradient(in View q, in View k, in View v, in View y, in View lse, in View dy, AttentionRung rung,
        AttentionShape shape, AttentionOptions options, in Destination dq, in Destination dk, in Destination dv)
    {
        using Temporary<float> delta = Rent<float>(lse.Shape.ElementCount);
        Delta<float, ushort, AsBFloat16>(y, dy, delta.Elements, shape);
        GradientInTiles<ushort, BFloat16Storage>(q, k, v, lse, dy, rung, shape, options, delta.Elements, dq, dk, dv);
    }

    private void Delta<T, TStored, TStorage>(in View y, in View dy, ArrayView<T> delta, AttentionShape shape)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        int rows = (int)delta.Length;
        if (rows == 0) return;
        AttentionDeltaKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            Y = Stored<T, TStored, TStorage>(y),
            Dy = Stored<T, TStored, TStorage>(dy),
            Delta = delta,
            Shape = shape,
            Rows = rows,
        };
        _device.Launch(AttentionDeltaKernel<T, TStored, TStorage>.Run, PerElement((long)rows * AttentionDelta.Lanes), arguments);
    }
}
