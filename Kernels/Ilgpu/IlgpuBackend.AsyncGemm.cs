using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

/// <content>Products whose factors are copied to shared memory while earlier ones are multiplied.</content>
public sealed partial class IlgpuBackend
{
    private void LaunchAsync<TOp>(in GemmArguments<float> a) where TOp : struct, IUnary<TOp> =>
        LaunchAsync<TOp, float, TensorFloat32Format, float, FloatStorage>(new RoundedGemmArguments<float, float>
        {
            Factors = a.Factors,
            Target = RoundedTarget(a.Target),
            WalkA = a.WalkA,
            WalkB = a.WalkB,
            Batches = a.Batches,
            Terms = a.Terms,
        });

    private void LaunchAsync<TOp, TFactor, TFormat, TStored, TStorage>(in RoundedGemmArguments<TFactor, TStored> a)
        where TOp : struct, IUnary<TOp>
        where TFactor : unmanaged
        where TFormat : struct, IAsyncFormat<TFactor>
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        if (GemmPlan.IsWide(_device, a.Target.M, a.Target.N, a.Batches))
            LaunchAsync<TOp, TFactor, TFormat, TStored, TStorage, WideInFour>(a);
        else LaunchAsync<TOp, TFactor, TFormat, TStored, TStorage, SquareInThree>(a);
    }

    private void LaunchAsync<TOp, TFactor, TFormat, TStored, TStorage, TShape>(in RoundedGemmArguments<TFactor, TStored> a)
        where TOp : struct, IUnary<TOp>
        where TFactor : unmanaged
        where TFormat : struct, IAsyncFormat<TFactor>
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
        where TShape : struct, IAsyncShape
    {
        bool alongA = a.Factors.Term0.A.Form == GemmForm.AlongDepth, alongB = a.Factors.Term0.B.Form == GemmForm.AlongDepth;
        if (alongA && alongB) LaunchAsync<TOp, TFactor, TFormat, TStored, TStorage, TShape, AlongDepth, AlongDepth>(a);
        else if (alongA) LaunchAsync<TOp, TFactor, TFormat, TStored, TStorage, TShape, AlongDepth, AlongOuter>(a);
        else if (alongB) LaunchAsync<TOp, TFactor, TFormat, TStored, TStorage, TShape, AlongOuter, AlongDepth>(a);
        else LaunchAsync<TOp, TFactor, TFormat, TStored, TStorage, TShape, AlongOuter, AlongOuter>(a);
    }

    private void LaunchAsync<TOp, TFactor, TFormat, TStored, TStorage, TShape, TA, TB>(
        in RoundedGemmArguments<TFactor, TStored> a)
        where TOp : struct, IUnary<TOp>
        where TFactor : unmanaged
        where TFormat : struct, IAsyncFormat<TFactor>
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
        where TShape : struct, IAsyncShape
        where TA : struct, IMmaForm
        where TB : struct, IMmaForm =>
        _device.Launch(AsyncMmaGemmKernel<TOp, TFactor, TFormat, TStored, TStorage, TShape, TA, TB>.Run,
            GemmPlan.Shape<TShape>(a.Target.M, a.Target.N, a.Batches), a);

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
}
