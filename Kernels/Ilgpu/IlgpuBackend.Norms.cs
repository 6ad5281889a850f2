using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void LayerNorm(in View x, in View gamma, in View beta, double epsilon, in Destination y, in View mean, in View rstd)
    {
        VerbShapes.LayerNorm(x, gamma, beta, y, mean, rstd);
        if (AreRounded(x, y.View) && AreFloats(gamma, beta, mean, rstd))
            Norm<float, ushort, AsBFloat16>(x, gamma, beta, epsilon, y, mean, rstd);
        else if (WidenedVerbs.Are(x, gamma, beta, y.View)) _widened.LayerNorm(x, gamma, beta, epsilon, y, mean, rstd);
        else if (x.DType == DType.Float64) Norm<double, double, AsIs<double>>(x, gamma, beta, epsilon, y, mean, rstd);
        else Norm<float, float, AsIs<float>>(x, gamma, beta, epsilon, y, mean, rstd);
    }

    /// <inheritdoc/>
    public void LayerNormInputGradient(in View x, in View gamma, in View mean, in View rstd, in View dy, in Destination dx)
    {
        VerbShapes.LayerNormInputGradient(x, gamma, mean, rstd, dy, dx);
        if (AreRounded(x, dy, dx.View) && AreFloats(gamma, mean, rstd))
            NormInputGradient<float, ushort, AsBFloat16>(x, gamma, mean, rstd, dy, dx);
        else if (WidenedVerbs.Are(x, gamma, dy, dx.View)) _widened.LayerNormInputGradient(x, gamma, mean, rstd, dy, dx);
        else if (x.DType == DType.Float64) NormInputGradient<double, double, AsIs<double>>(x, gamma, mean, rstd, dy, dx);
        else NormInputGradient<float, float, AsIs<float>>(x, gamma, mean, rstd, dy, dx);
    }

    /// <inheritdoc/>
    public void LayerNormWeightGradient(
        in View x, in View mean, in View rstd, in View dy, in Destination dgamma, in Destination dbeta)
    {
        VerbShapes.LayerNormWeightGradient(x, mean, rstd, dy, dgamma, dbeta);
        if (AreRounded(x, dy) && AreFloats(mean, rstd, dgamma.View, dbeta.View))
            NormWeightGradient<float, ushort, AsBFloat16>(x, mean, rstd, dy, dgamma, dbeta);
        else if (WidenedVerbs.Are(x, dy, dgamma.View, dbeta.View))
            _widened.LayerNormWeightGradient(x, mean, rstd, dy, dgamma, dbeta);
        else if (x.DType == DType.Float64) NormWeightGradient<double, double, AsIs<double>>(x, mean, rstd, dy, dgamma, dbeta);
        else NormWeightGradient<float, float, AsIs<float>>(x, mean, rstd, dy, dgamma, dbeta);
    }

    /// <inheritdoc/>
    public void RmsNorm(in View x, in View gamma, double epsilon, in Destination y, in View rms)
    {
        VerbShapes.RmsNorm(x, gamma, y, rms);
        if (AreRounded(x, y.View) && AreFloats(gamma, rms))
            Norm<float, ushort, AsBFloat16>(x, gamma, default, epsilon, y, default, rms);
        else if (WidenedVerbs.Are(x, gamma, y.View)) _widened.RmsNorm(x, gamma, epsilon, y, rms);
        else if (x.DType == DType.Float64) Norm<double, double, AsIs<double>>(x, gamma, default, epsilon, y, default, rms);
        else Norm<float, float, AsIs<float>>(x, gamma, default, epsilon, y, default, rms);
    }

    /// <inheritdoc/>
    public void RmsNormInputGradient(in View x, in View gamma, in View rms, in View dy, in Destination dx)
    {
        VerbShapes.RmsNormInputGradient(x, gamma, rms, dy, dx);
        if (AreRounded(x, dy, dx.View) && AreFloats(gamma, rms))
            NormInputGradient<float, ushort, AsBFloat16>(x, gamma, default, rms, dy, dx);
        else if (WidenedVerbs.Are(x, gamma, dy, dx.View)) _widened.RmsNormInputGradient(x, gamma, rms, dy, dx);
        else if (x.DType == DType.Float64) NormInputGradient<double, double, AsIs<double>>(x, gamma, default, rms, dy, dx);
        else NormInputGradient<float, float, AsIs<float>>(x, gamma, default, rms, dy, dx);
    }

    /// <inheritdoc/>
    public void RmsNormWeightGradient(in View x, in View rms, in View dy, in Destination dgamma)
    {
        VerbShapes.RmsNormWeightGradient(x, rms, dy, dgamma);
        if (AreRounded(x, dy) && AreFloats(rms, dgamma.View))
            NormWeightGradient<float, ushort, AsBFloat16>(x, default, rms, dy, dgamma, default);
        else if (WidenedVerbs.Are(x, dy, dgamma.View)) _widened.RmsNormWeightGradient(x, rms, dy, dgamma);
        else if (x.DType == DType.Float64) NormWeightGradient<double, double, AsIs<double>>(x, default, rms, dy, dgamma, default);
        else NormWeightGradient<float, float, AsIs<float>>(x, default, rms, dy, dgamma, default);
    }

    /// <summary>Layer norm, or RMS norm where there is no mean.</summary>
    private void Norm<T, TStored, TStorage>(
        in View x, in View gamma, in View beta, double epsilon, in Destination y, in View mean, in View factor)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        (int rows, int length) = (x.Shape.Rows, x.Shape.Last);
        if (rows == 0) return;
        NormKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            X = Stored<T, TStored, TStorage>(x),
            Gamma = Stored<T, T, AsIs<T>>(gamma),
            Beta = Stored<T, T, AsIs<T>>(beta),
            Y = Stored<T, TStored, TStorage>(y),
            Mean = In<T>(mean),
            Factor = In<T>(factor),
            Epsilon = T.CreateTruncating(epsilon),
            Count = T.CreateTruncating(Math.Max(length, 1)),
            Length = length,
            HasMean = Has(mean),
            HasGamma = Has(gamma),
            HasBeta = Has(beta),
            Adds = Adds(y),
            IsAligned = AreFours<TStored>(length, x, y.View) & AreFours<T>(length, gamma, beta),
        };
        _device.Launch(NormKernel<T, TStored, TStorage>.Run, PerRowInFours(rows, length), arguments);
    }

    /// <summary>Of layer norm, or of RMS norm where there is no mean.</summary>
    private void NormInputGradient<T, TStored, TStorage>(
        in View x, in View gamma, in View mean, in View factor, in View dy, in Destination dx)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        (int rows, int length) = (x.Shape.Rows, x.Shape.Last);
        if (x.Shape.ElementCount == 0) return;
        NormInputGradientKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            X = Stored<T, TStored, TStorage>(x),
            Gamma = Stored<T, T, AsIs<T>>(gamma),
            Mean = In<T>(mean),
            Factor = In<T>(factor),
            Dy = Stored<T, TStored, TStorage>(dy),
            Dx = Stored<T, TStored, TStorage>(dx),
            Count = T.CreateTruncating(length),
            Length = length,
            HasMean = Has(mean),
            HasGamma = Has(gamma),
            Adds = Adds(dx),
            IsAligned = AreFours<TStored>(length, x, dy, dx.View) & AreFours<T>(length, gamma),
        };
        _device.Launch(NormInputGradientKernel<T, TStored, TStorage>.Run, PerRowInFours(rows, length), arguments);
    }

    /// <summary>Chunks of rows first, then their sum; without a mean for RMS norm.</summary>
    private void NormWeightGradient<T, TStored, TStorage>(
        in View x, in View mean, in View factor, in View dy, in Destination dgamma, in Destination dbeta)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        (int rows, int length) = (x.Shape.Rows, x.Shape.Last);
        if (length == 0) return;
        (int chunkRows, int chunks) = Chunks(rows, length);
        using Temporary<T> dots = Rent<T>(dgamma.Exists ? (long)chunks * length : 0);
        using Temporary<T> sums = Rent<T>(dbeta.Exists ? (long)chunks * length : 0);
        NormWeightGradientKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            X = Stored<T, TStored, TStorage>(x),
            Mean = In<T>(mean),
            Factor = In<T>(factor),
            Dy = Stored<T, TStored, TStorage>(dy),
            Dots = new(dots.Elements),
            Sums = new(sums.Elements),
            Rows = rows,
            Length = length,
            ChunkRows = chunkRows,
            HasMean = Has(mean),
            WantsDots = dgamma.Exists ? 1 : 0,
            WantsSums = dbeta.Exists ? 1 : 0,
            IsAligned = AreFours<TStored>(length, x, dy),
        };
        LaunchShape shape = PerSum(length, 1) with { GridY = chunks };
        _device.Launch(NormWeightGradientKernel<T, TStored, TStorage>.Run, shape, arguments);
        if (dgamma.Exists) SumChunks<T, T, AsIs<T>>(dots.Elements, chunks, length, dgamma);
        if (dbeta.Exists) SumChunks<T, T, AsIs<T>>(sums.Elements, chunks, length, dbeta);
    }

    private static int Has(in View view) => view.Exists ? 1 : 0;
}
