using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Sgd(in View w, in View gradient, in View velocity, in SgdStep step)
    {
        VerbShapes.Sgd(w, gradient, velocity);
        if (WidenedVerbs.Are(w, gradient, velocity)) _widened.Sgd(w, gradient, velocity, step);
        else if (w.DType == DType.Float64) Sgd<double>(w, gradient, velocity, step);
        else Sgd<float>(w, gradient, velocity, step);
    }

    /// <inheritdoc/>
    public void Adam(in View w, in View gradient, in View moment1, in View moment2, in AdamStep step)
    {
        VerbShapes.Adam(w, gradient, moment1, moment2);
        if (WidenedVerbs.Are(w, gradient, moment1, moment2)) _widened.Adam(w, gradient, moment1, moment2, step);
        else if (w.DType == DType.Float64) Adam<double>(w, gradient, moment1, moment2, step);
        else Adam<float>(w, gradient, moment1, moment2, step);
    }

    private void Sgd<T>(in View w, in View gradient, in View velocity, in SgdStep step)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int count = w.Shape.ElementCount;
        if (count == 0) return;
        int inFours = InFours(count, true, IsAligned<T>(w) && IsAligned<T>(gradient) && IsAligned<T>(velocity));
        _device.Launch(SgdKernel<T>.Run, PerElement(count, inFours), new SgdKernel<T>.Arguments
        {
            W = Stored<T, T, AsIs<T>>(w),
            Gradient = Stored<T, T, AsIs<T>>(gradient),
            Velocity = Stored<T, T, AsIs<T>>(velocity),
            GradientScale = T.CreateTruncating(step.GradientScale),
            WeightDecay = T.CreateTruncating(step.WeightDecay),
            Momentum = T.CreateTruncating(step.Momentum),
            LearningRate = T.CreateTruncating(step.LearningRate),
            Taken = T.CreateTruncating(1 - step.Dampening),
            Count = count,
            HasVelocity = Has(velocity),
            FirstStep = step.FirstStep ? 1 : 0,
            Nesterov = step.Nesterov ? 1 : 0,
            InFours = inFours,
        });
    }

    private void Adam<T>(in View w, in View gradient, in View moment1, in View moment2, in AdamStep step)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int count = w.Shape.ElementCount;
        if (count == 0) return;
        bool areAligned = IsAligned<T>(w) && IsAligned<T>(gradient) && IsAligned<T>(moment1) && IsAligned<T>(moment2);
        int inFours = InFours(count, true, areAligned);
        _device.Launch(AdamKernel<T>.Run, PerElement(count, inFours), new AdamKernel<T>.Arguments
        {
            W = Stored<T, T, AsIs<T>>(w),
            Gradient = Stored<T, T, AsIs<T>>(gradient),
            Moment1 = Stored<T, T, AsIs<T>>(moment1),
            Moment2 = Stored<T, T, AsIs<T>>(moment2),
            GradientScale = T.CreateTruncating(step.GradientScale),
            WeightDecay = T.CreateTruncating(step.WeightDecay),
            Shrink = T.CreateTruncating(step.LearningRate * step.WeightDecay),
            Beta1 = T.CreateTruncating(step.Beta1),
            Taken1 = T.CreateTruncating(1 - step.Beta1),
            Beta2 = T.CreateTruncating(step.Beta2),
            Taken2 = T.CreateTruncating(1 - step.Beta2),
            LearningRate = T.CreateTruncating(step.LearningRate),
            Correction1 = T.CreateTruncating(step.Correction1),
            Correction2 = T.CreateTruncating(step.Correction2),
            Epsilon = T.CreateTruncating(step.Epsilon),
            Count = count,
            Decoupled = step.Decoupled ? 1 : 0,
            InFours = inFours,
        });
    }
}
