namespace AutogradCore;

public sealed partial class WidenedVerbs
{
    /// <inheritdoc cref="IBackend.LayerNorm"/>
    public void LayerNorm(in View x, in View gamma, in View beta, double epsilon, in Destination y, in View mean, in View rstd)
    {
        using Widening w = new(backend);
        backend.LayerNorm(w.Read(x), w.Read(gamma), w.Read(beta), epsilon, w.Write(y), mean, rstd);
        w.Store();
    }

    /// <inheritdoc cref="IBackend.LayerNormInputGradient"/>
    public void LayerNormInputGradient(in View x, in View gamma, in View mean, in View rstd, in View dy, in Destination dx)
    {
        using Widening w = new(backend);
        backend.LayerNormInputGradient(w.Read(x), w.Read(gamma), mean, rstd, w.Read(dy), w.Write(dx));
        w.Store();
    }

    /// <inheritdoc cref="IBackend.LayerNormWeightGradient"/>
    public void LayerNormWeightGradient(in View x, in View mean, in View rstd, in View dy, in Destination dgamma,
        in Destination dbeta)
    {
        using Widening w = new(backend);
        backend.LayerNormWeightGradient(w.Read(x), mean, rstd, w.Read(dy), w.Write(dgamma), w.Write(dbeta));
        w.Store();
    }

    /// <inheritdoc cref="IBackend.RmsNorm"/>
    public void RmsNorm(in View x, in View gamma, double epsilon, in Destination y, in View rms)
    {
        using Widening w = new(backend);
        backend.RmsNorm(w.Read(x), w.Read(gamma), epsilon, w.Write(y), rms);
        w.Store();
    }

    /// <inheritdoc cref="IBackend.RmsNormInputGradient"/>
    public void RmsNormInputGradient(in View x, in View gamma, in View rms, in View dy, in Destination dx)
    {
        using Widening w = new(backend);
        backend.RmsNormInputGradient(w.Read(x), w.Read(gamma), rms, w.Read(dy), w.Write(dx));
        w.Store();
    }

    /// <inheritdoc cref="IBackend.RmsNormWeightGradient"/>
    public void RmsNormWeightGradient(in View x, in View rms, in View dy, in Destination dgamma)
    {
        using Widening w = new(backend);
        backend.RmsNormWeightGradient(w.Read(x), rms, w.Read(dy), w.Write(dgamma));
        w.Store();
    }
}
