using System.Numerics;
using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public override void Sgd(in View w, in View gradient, in View velocity, in SgdStep step)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Sgd(w, gradient, velocity);
        if (WidenedVerbs.Are(w, gradient, velocity)) base.Sgd(w, gradient, velocity, step);
        else if (w.DType == DType.Float64) Sgd<double>(w, gradient, velocity, step);
        else Sgd<float>(w, gradient, velocity, step);
    }

    /// <inheritdoc/>
    public override void Adam(in View w, in View gradient, in View moment1, in View moment2, in AdamStep step)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Adam(w, gradient, moment1, moment2);
        if (WidenedVerbs.Are(w, gradient, moment1, moment2)) base.Adam(w, gradient, moment1, moment2, step);
        else if (w.DType == DType.Float64) Adam<double>(w, gradient, moment1, moment2, step);
        else Adam<float>(w, gradient, moment1, moment2, step);
    }

    private unsafe void Sgd<T>(in View w, in View gradient, in View velocity, in SgdStep step)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Share(w.Shape.ElementCount, Grain, 3 * w.Bytes,
            new SgdRange<T>(Dense<T>(w), Dense<T>(gradient), Optional<T>(velocity), step));

    private unsafe void Adam<T>(in View w, in View gradient, in View moment1, in View moment2, in AdamStep step)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Share(w.Shape.ElementCount, Grain, 6 * w.Bytes,
            new AdamRange<T>(Dense<T>(w), Dense<T>(gradient), Dense<T>(moment1), Dense<T>(moment2), step));
}
