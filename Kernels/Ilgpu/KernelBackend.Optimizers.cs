using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public abstract partial class KernelBackend
{
    /// <inheritdoc/>
    public void Sgd(in View w, in View gradient, in View velocity, in SgdStep step)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Sgd(w, gradient, velocity);
        if (WidenedVerbs.Are(w, gradient, velocity)) _widened.Sgd(w, gradient, velocity, step);
        else if (w.DType == DType.Float64) Sgd<double, AsIs<double>>(w, gradient, velocity, step);
        else Sgd<float, SingleInDouble>(w, gradient, velocity, step);
    }

    /// <inheritdoc/>
    public void Adam(in View w, in View gradient, in View moment1, in View moment2, in AdamStep step)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Adam(w, gradient, moment1, moment2);
        if (WidenedVerbs.Are(w, gradient, moment1, moment2)) _widened.Adam(w, gradient, moment1, moment2, step);
        else if (w.DType == DType.Float64) Adam<double, AsIs<double>>(w, gradient, moment1, moment2, step);
        else Adam<float, SingleInDouble>(w, gradient, moment1, moment2, step);
    }

    private void Sgd<TStored, TStorage>(in View w, in View gradient, in View velocity, in SgdStep step)
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, double>
    {
        int count = w.Shape.ElementCount;
        if (count == 0) return;
        int inFours = InFours(count, true, IsAligned<TStored>(w) && IsAligned<TStored>(gradient) && IsAligned<TStored>(velocity));
        _device.Launch(SgdKernel<TStored, TStorage>.Run, PerElement(count, inFours), new SgdKernel<TStored, TStorage>.Arguments
        {
            W = Stored<double, TStored, TStorage>(w),
            Gradient = Stored<double, TStored, TStorage>(gradient),
            Velocity = Stored<double, TStored, TStorage>(velocity),
            GradientScale = step.GradientScale,
            WeightDecay = step.WeightDecay,
            Momentum = step.Momentum,
            LearningRate = step.LearningRate,
            Taken = 1 - step.Dampening,
            Count = count,
            HasVelocity = Has(velocity),
            FirstStep = step.FirstStep ? 1 : 0,
            Nesterov = step.Nesterov ? 1 : 0,
            InFours = inFours,
        });
    }

    private void Adam<TStored, TStorage>(in View w, in View gradient, in View moment1, in View moment2, in AdamStep step)
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, double>
    {
        int count = w.Shape.ElementCount;
        if (count == 0) return;
        bool areAligned = IsAligned<TStored>(w) && IsAligned<TStored>(gradient)
            && IsAligned<TStored>(moment1) && IsAligned<TStored>(moment2);
        int inFours = InFours(count, true, areAligned);
        _device.Launch(AdamKernel<TStored, TStorage>.Run, PerElement(count, inFours), new AdamKernel<TStored, TStorage>.Arguments
        {
            W = Stored<double, TStored, TStorage>(w),
            Gradient = Stored<double, TStored, TStorage>(gradient),
            Moment1 = Stored<double, TStored, TStorage>(moment1),
            Moment2 = Stored<double, TStored, TStorage>(moment2),
            GradientScale = step.GradientScale,
            WeightDecay = step.WeightDecay,
            Shrink = step.LearningRate * step.WeightDecay,
            Beta1 = step.Beta1,
            Taken1 = 1 - step.Beta1,
            Beta2 = step.Beta2,
            Taken2 = 1 - step.Beta2,
            LearningRate = step.LearningRate,
            Correction1 = step.Correction1,
            Correction2 = step.Correction2,
            Epsilon = step.Epsilon,
            Largest = typeof(TStored) == typeof(float) ? float.MaxValue : double.MaxValue,
            Count = count,
            Decoupled = step.Decoupled ? 1 : 0,
            InFours = inFours,
        });
    }
}
