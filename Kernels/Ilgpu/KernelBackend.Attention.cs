using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public abstract partial class KernelBackend
{
    /// <summary>The rung that every attention takes where tests ask for one; null: the best for each.</summary>
    internal AttentionRung? ForcedAttentionRung { get; init; }

    /// <inheritdoc/>
    public void Attention(in View q, in View k, in View v, in AttentionOptions options, in View y, in View lse)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Attention(q, k, v, y, lse);
        if (AreRounded(q, k, v, y) && AttentionShape.Of(q, k, options) is var shape
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
        using VerbGate.Pass pass = Enter();
        VerbShapes.AttentionGradient(q, k, v, y, lse, dy, dq, dk, dv);
        if (AreRounded(q, k, v, y, dy, dq.View, dk.View, dv.View)
            && AttentionShape.Of(q, k, options) is var shape && RoundedRung(shape, q, k, v, dy) is { } rung)
            GradientInTiles<ushort, BFloat16Storage, AsBFloat16>(q, k, v, y, lse, dy, rung, shape, options, dq, dk, dv);
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
                Lse = In<double>(lse),
                Shape = shape,
                Scale = T.CreateTruncating(options.ScaleFor(shape.Size)),
            });
    }

    private unsafe void AttentionGradient<T>(in View q, in View k, in View v, in View y, in View lse, in View dy,
        AttentionOptions options, in Destination dq, in Destination dk, in Destination dv)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        AttentionShape shape = AttentionShape.Of(q, k, options);
        if (Rung(q.DType, shape) is var rung and not AttentionRung.PerQuery)
        {
            GradientInTiles<float, FloatStorage, AsIs<float>>(q, k, v, y, lse, dy, rung, shape, options, dq, dk, dv);
            return;
        }
        T scale = T.CreateTruncating(options.ScaleFor(shape.Size));
        int rows = lse.Shape.ElementCount, keys = k.Shape[0] * shape.Keys * shape.KeyHeads;
        using Temporary<T> delta = Rent<T>(rows);
        Delta(rows, new AttentionDeltaKernel<T, T, AsIs<T>>.Arguments
        {
            Y = Stored<T, T, AsIs<T>>(y),
            Dy = Stored<T, T, AsIs<T>>(dy),
            Delta = delta.Elements,
            Shape = shape,
            Rows = rows,
        });
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
                    Lse = In<double>(lse),
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
                Lse = In<double>(lse),
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

    private void Delta<T, TStored, TStorage>(int rows, in AttentionDeltaKernel<T, TStored, TStorage>.Arguments arguments)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        if (rows == 0) return;
        _device.Launch(AttentionDeltaKernel<T, TStored, TStorage>.Run, PerElement((long)rows * AttentionDelta.Lanes), arguments);
    }
}
