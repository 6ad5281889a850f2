using System.Numerics;
using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public override void LayerNorm(
        in View x, in View gamma, in View beta, double epsilon, in Destination y, in View mean, in View rstd)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.LayerNorm(x, gamma, beta, y, mean, rstd);
        if (WidenedVerbs.Are(x, gamma, beta, y.View)) base.LayerNorm(x, gamma, beta, epsilon, y, mean, rstd);
        else if (x.DType == DType.Float64) Norm<double>(x, gamma, beta, epsilon, y, mean, rstd);
        else Norm<float>(x, gamma, beta, epsilon, y, mean, rstd);
    }

    /// <inheritdoc/>
    public override void LayerNormInputGradient(
        in View x, in View gamma, in View mean, in View rstd, in View dy, in Destination dx)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.LayerNormInputGradient(x, gamma, mean, rstd, dy, dx);
        if (WidenedVerbs.Are(x, gamma, dy, dx.View)) base.LayerNormInputGradient(x, gamma, mean, rstd, dy, dx);
        else if (x.DType == DType.Float64) NormInput<double>(x, gamma, mean, rstd, dy, dx);
        else NormInput<float>(x, gamma, mean, rstd, dy, dx);
    }

    /// <inheritdoc/>
    public override void LayerNormWeightGradient(
        in View x, in View mean, in View rstd, in View dy, in Destination dgamma, in Destination dbeta)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.LayerNormWeightGradient(x, mean, rstd, dy, dgamma, dbeta);
        if (WidenedVerbs.Are(x, dy, dgamma.View, dbeta.View))
        {
            base.LayerNormWeightGradient(x, mean, rstd, dy, dgamma, dbeta);
            return;
        }
        if (dgamma.Exists) RmsOrLayer(x, mean, rstd, dy, dgamma);
        if (dbeta.Exists) Sum(dy.Reshape([dy.Shape.Rows, dy.Shape.Last]), dbeta);
    }

    /// <inheritdoc/>
    public override void RmsNorm(in View x, in View gamma, double epsilon, in Destination y, in View rms)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.RmsNorm(x, gamma, y, rms);
        if (WidenedVerbs.Are(x, gamma, y.View)) base.RmsNorm(x, gamma, epsilon, y, rms);
        else if (x.DType == DType.Float64) Norm<double>(x, gamma, default, epsilon, y, default, rms);
        else Norm<float>(x, gamma, default, epsilon, y, default, rms);
    }

    /// <inheritdoc/>
    public override void RmsNormInputGradient(in View x, in View gamma, in View rms, in View dy, in Destination dx)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.RmsNormInputGradient(x, gamma, rms, dy, dx);
        if (WidenedVerbs.Are(x, gamma, dy, dx.View)) base.RmsNormInputGradient(x, gamma, rms, dy, dx);
        else if (x.DType == DType.Float64) NormInput<double>(x, gamma, default, rms, dy, dx);
        else NormInput<float>(x, gamma, default, rms, dy, dx);
    }

    /// <inheritdoc/>
    public override void RmsNormWeightGradient(in View x, in View rms, in View dy, in Destination dgamma)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.RmsNormWeightGradient(x, rms, dy, dgamma);
        if (WidenedVerbs.Are(x, dy, dgamma.View)) base.RmsNormWeightGradient(x, rms, dy, dgamma);
        else RmsOrLayer(x, default, rms, dy, dgamma);
    }

    private void RmsOrLayer(in View x, in View mean, in View factor, in View dy, in Destination dgamma)
    {
        if (x.DType == DType.Float64) NormWeight<double>(x, mean, factor, dy, dgamma);
        else NormWeight<float>(x, mean, factor, dy, dgamma);
    }

    private unsafe void Norm<T>(
        in View x, in View gamma, in View beta, double epsilon, in Destination y, in View mean, in View factor)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        NormForward<T> rows = new(Dense<T>(x), Optional<T>(gamma), Optional<T>(beta), x.Shape.Last, mean.Exists, epsilon,
            Dense<T>(y.View), y.Accumulates, Optional<double>(mean), Dense<double>(factor));
        Share(x.Shape.Rows, 1, 2 * x.Bytes, rows);
    }

    private unsafe void NormInput<T>(in View x, in View gamma, in View mean, in View factor, in View dy, in Destination dx)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        NormInputGradient<T> rows = new(
            Dense<T>(x), Optional<T>(gamma), Dense<T>(dy), x.Shape.Last, Optional<double>(mean), Dense<double>(factor),
            Dense<T>(dx.View), dx.Accumulates);
        Share(x.Shape.Rows, 1, 3 * x.Bytes, rows);
    }

    private unsafe void NormWeight<T>(in View x, in View mean, in View factor, in View dy, in Destination dgamma)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        SumColumns<NormalizedProduct, T> columns = new(
            Dense<T>(x), Dense<T>(dy), Optional<double>(mean), Dense<double>(factor), x.Shape.Rows, x.Shape.Last,
            Dense<T>(dgamma.View), dgamma.Accumulates);
        Share(x.Shape.Last, 64, 2 * x.Bytes, columns);
    }

    private static unsafe T* Optional<T>(in View x)
        where T : unmanaged =>
        x.Exists ? Dense<T>(x) : null;
}
