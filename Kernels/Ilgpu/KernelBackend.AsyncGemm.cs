using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

/// <content>Products whose factors are copied to shared memory while earlier ones are multiplied.</content>
public abstract partial class KernelBackend
{
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
        LaunchShape shape = GemmPlan.Shape<TShape>(a.Target.M, a.Target.N, a.Batches);
        Action<RoundedGemmArguments<TFactor, TStored>> kernel = (a.Factors.Term0.A.Form, a.Factors.Term0.B.Form) switch
        {
            (GemmForm.AlongDepth, GemmForm.AlongDepth) =>
                AsyncMmaGemmKernel<TOp, TFactor, TFormat, TStored, TStorage, TShape, AlongDepth, AlongDepth>.Run,
            (GemmForm.AlongDepth, _) =>
                AsyncMmaGemmKernel<TOp, TFactor, TFormat, TStored, TStorage, TShape, AlongDepth, AlongOuter>.Run,
            (_, GemmForm.AlongDepth) =>
                AsyncMmaGemmKernel<TOp, TFactor, TFormat, TStored, TStorage, TShape, AlongOuter, AlongDepth>.Run,
            _ => AsyncMmaGemmKernel<TOp, TFactor, TFormat, TStored, TStorage, TShape, AlongOuter, AlongOuter>.Run,
        };
        _device.Launch(kernel, shape, a);
    }
}
