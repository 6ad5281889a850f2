using System.Numerics;
using System.Runtime.CompilerServices;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public abstract unsafe partial class KernelBackend
{
    private void Launch<TOp, T>(GemmRung rung, in GemmArguments<T> arguments)
        where TOp : struct, IUnary<TOp>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (int m, int n, int batches) = (arguments.Target.M, arguments.Target.N, arguments.Batches);
        switch (rung)
        {
            case GemmRung.Naive:
                _device.Launch(NaiveGemmKernel<TOp, T>.Run, PerElement((long)m * n * batches), arguments);
                break;
            case GemmRung.Tiled:
                _device.Launch(TiledGemmKernel<TOp, T>.Run, GemmPlan.Shape(m, n, batches, TiledGemm.Tile), arguments);
                break;
            case GemmRung.Register:
                _device.Launch(RegisterGemmKernel<TOp, T>.Run, GemmPlan.Shape(m, n, batches, RegisterGemm.Block), arguments);
                break;
            default:
                if (typeof(T) != typeof(float)) throw new NotSupportedException("Tensor cores multiply floats only.");
                ref GemmArguments<float> floats =
                    ref Unsafe.As<GemmArguments<T>, GemmArguments<float>>(ref Unsafe.AsRef(in arguments));
                LaunchOnTensorCores<TOp>(rung, floats);
                break;
        }
    }

    /// <summary>Products of floats that are rounded to TF32 or bf16 on their way.</summary>
    private void LaunchOnTensorCores<TOp>(GemmRung rung, in GemmArguments<float> a) where TOp : struct, IUnary<TOp>
    {
        RoundedGemmArguments<float, float> arguments = new()
        {
            Factors = a.Factors,
            Target = RoundedTarget(a.Target),
            WalkA = a.WalkA,
            WalkB = a.WalkB,
            Batches = a.Batches,
            Terms = a.Terms,
        };
        if (rung == GemmRung.TensorFloat32)
            LaunchAsync<TOp, float, TensorFloat32Format, float, FloatStorage>(arguments);
        else
            LaunchMma<TOp, float, MmaStage, float, FloatStorage, MmaPanel<AlongDepth>, MmaPanel<AlongOuter>>(arguments);
    }

    private static RoundedTarget<float> RoundedTarget(in GemmTarget<float> c) => new()
    {
        C = c.C,
        Y = c.Y,
        Bias = c.Bias,
        Residual = c.Residual,
        M = c.M,
        N = c.N,
        Adds = c.Adds,
        HasBias = c.HasBias,
        HasResidual = c.HasResidual,
        Maps = c.Maps,
        IsAligned = c.IsAligned,
    };

    /// <summary>The kernel for the orientations of both factors.</summary>
    private void LaunchMma<TOp, TFactor, TStage, TStored, TStorage, TAlong, TAcross>(
        in RoundedGemmArguments<TFactor, TStored> a)
        where TOp : struct, IUnary<TOp>
        where TFactor : unmanaged
        where TStage : unmanaged
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
        where TAlong : struct, IMmaPanel<TFactor, TStage>
        where TAcross : struct, IMmaPanel<TFactor, TStage>
    {
        LaunchShape shape = GemmPlan.Shape(a.Target.M, a.Target.N, a.Batches, MmaGemm.Block);
        Action<RoundedGemmArguments<TFactor, TStored>> kernel = (a.Factors.Term0.A.Form, a.Factors.Term0.B.Form) switch
        {
            (GemmForm.AlongDepth, GemmForm.AlongDepth) =>
                MmaGemmKernel<TOp, TFactor, TStage, TStored, TStorage, TAlong, TAlong>.Run,
            (GemmForm.AlongDepth, _) => MmaGemmKernel<TOp, TFactor, TStage, TStored, TStorage, TAlong, TAcross>.Run,
            (_, GemmForm.AlongDepth) => MmaGemmKernel<TOp, TFactor, TStage, TStored, TStorage, TAcross, TAlong>.Run,
            _ => MmaGemmKernel<TOp, TFactor, TStage, TStored, TStorage, TAcross, TAcross>.Run,
        };
        _device.Launch(kernel, shape, a);
    }

    /// <summary>Two factors as kernels read them.</summary>
    private GemmFactors<T> Factors<T>(in View a, in View b) where T : unmanaged => new()
    {
        A = Factor<T>(a, a.Shape.Rank - 2, a.Shape.Rank - 1),
        B = Factor<T>(b, b.Shape.Rank - 1, b.Shape.Rank - 2),
        K = a.Shape[^1],
    };

    private GemmFactor<T> Factor<T>(in View x, int outer, int depth) where T : unmanaged
    {
        int together = sizeof(T) == sizeof(ushort) ? 8 : 4;
        int outerStride = x.Stride(outer), depthStride = x.Stride(depth);
        int form = depthStride == 1 ? GemmForm.AlongDepth : outerStride == 1 ? GemmForm.AlongOuter : GemmForm.Strided;
        bool isAligned = form != GemmForm.Strided && IsAligned<T>(x);
        for (int i = 0; i < x.Shape.Rank; i++)
            isAligned &= i == (form == GemmForm.AlongDepth ? depth : outer) || x.Shape[i] == 1 || x.Stride(i) % together == 0;
        return new()
        {
            X = In<T>(x),
            OuterStride = outerStride,
            DepthStride = depthStride,
            Form = form,
            IsAligned = isAligned ? 1 : 0,
        };
    }

    /// <summary>Where the sums go; all operands but the bias are dense matrices of C's shape.</summary>
    private GemmTarget<T> Target<T>(in Destination c, in View bias, in View residual, in View y)
        where T : unmanaged, IFloatingPointIeee754<T> => new()
        {
            C = In<T>(c),
            Bias = In<T>(bias),
            Residual = In<T>(residual),
            Y = In<T>(y),
            M = c.View.Shape[^2],
            N = c.View.Shape[^1],
            Adds = Adds(c),
            HasBias = bias.Exists ? 1 : 0,
            HasResidual = residual.Exists ? 1 : 0,
            Maps = y.Exists ? 1 : 0,
            IsAligned = c.View.Shape[^1] % 4 == 0 && IsAligned<T>(c.View) && IsAligned<T>(bias) && IsAligned<T>(residual)
                && IsAligned<T>(y) ? 1 : 0,
        };

    /// <summary>Whether the first element may be read as a <see cref="Quad{T}"/>; an absent view does not mind.</summary>
    /// <remarks>ILGPU counts the elements of a cast view from the start of its buffer: the offset must be whole ones.</remarks>
    private static bool IsAligned<T>(in View view) where T : unmanaged =>
        !view.Exists || (view.Offset % 4 == 0 && (view.Buffer.Pointer + (nint)view.Offset * sizeof(T)) % 16 == 0);
}
