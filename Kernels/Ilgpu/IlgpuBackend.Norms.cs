using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void LayerNorm(in View x, in View gamma, in View beta, double epsilon, in Destination y, in View mean, in View rstd)
    {
        if (AreRounded(x, y.View) && AreFloats(gamma, beta, mean, rstd))
            LayerNorm<float, ushort, AsBFloat16>(x, gamma, beta, epsilon, y, mean, rstd);
        else if (WidenedVerbs.Are(x, gamma, beta, y.View)) _widened.LayerNorm(x, gamma, beta, epsilon, y, mean, rstd);
        else if (x.DType == DType.Float64) LayerNorm<double, double, AsIs<double>>(x, gamma, beta, epsilon, y, mean, rstd);
        else LayerNorm<float, float, AsIs<float>>(x, gamma, beta, epsilon, y, mean, rstd);
    }

    /// <inheritdoc/>
    public void LayerNormInputGradient(in View x, in View gamma, in View mean, in View rstd, in View dy, in Destination dx)
    {
        if (AreRounded(x, dy, dx.View) && AreFloats(gamma, mean, rstd))
            LayerNormInputGradient<float, ushort, AsBFloat16>(x, gamma, mean, rstd, dy, dx);
        else if (WidenedVerbs.Are(x, gamma, dy, dx.View)) _widened.LayerNormInputGradient(x, gamma, mean, rstd, dy, dx);
        else if (x.DType == DType.Float64) LayerNormInputGradient<double, double, AsIs<double>>(x, gamma, mean, rstd, dy, dx);
        else LayerNormInputGradient<float, float, AsIs<float>>(x, gamma, mean, rstd, dy, dx);
    }

    /// <inheritdoc/>
    public void LayerNormWeightGradient(
        in View x, in View mean, in View rstd, in View dy, in Destination dgamma, in Destination dbeta)
    {
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
        if (AreRounded(x, y.View) && AreFloats(gamma, rms)) RmsNorm<float, ushort, AsBFloat16>(x, gamma, epsilon, y, rms);
        else if (WidenedVerbs.Are(x, gamma, y.View)) _widened.RmsNorm(x, gamma, epsilon, y, rms);
        else if (x.DType == DType.Float64) RmsNorm<double, double, AsIs<double>>(x, gamma, epsilon, y, rms);
        else RmsNorm<float, float, AsIs<float>>(x, gamma, epsilon, y, rms);
    }

    /// <inheritdoc/>
    public void RmsNormInputGradient(in View x, in View gamma, in View rms, in View dy, in Destination dx)
    {
        if (AreRounded(x, dy, dx.View) && AreFloats(gamma, rms))
            RmsNormInputGradient<float, ushort, AsBFloat16>(x, gamma, rms, dy, dx);
        else if (WidenedVerbs.Are(x, gamma, dy, dx.View)) _widened.RmsNormInputGradient(x, gamma, rms, dy, dx);
        else if (x.DType == DType.Float64) RmsNormInputGradient<double, double, AsIs<double>>(x, gamma, rms, dy, dx);
        else RmsNormInputGradient<float, float, AsIs<float>>(x, gamma, rms, dy, dx);
    }

    /// <inheritdoc/>
    public void RmsNormWeightGradient(in View x, in View rms, in View dy, in Destination dgamma)
    {
        if (AreRounded(x, dy) && AreFloats(rms, dgamma.View))
            NormWeightGradient<float, ushort, AsBFloat16>(x, default, rms, dy, dgamma, default);
        else if (WidenedVerbs.Are(x, dy, dgamma.View)) _widened.RmsNormWeightGradient(x, rms, dy, dgamma);
        else if (x.DType == DType.Float64) NormWeightGradient<double, double, AsIs<double>>(x, default, rms, dy, dgamma, default);
        else NormWeightGradient<float, float, AsIs<float>>(x, default, rms, dy, dgamma, default);
    }

    private void LayerNorm<T, TStored, TStorage>(
        in View x, in View gamma, in View beta, double epsilon, in Destination y, in View mean, in View rstd)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        (int rows, int length) = (x.Shape.Rows, x.Shape.Last);
        if (rows == 0) return;
        LayerNormKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            X = Stored<T, TStored, TStorage>(x),
            Gamma = In<T>(gamma),
            Beta = In<T>(beta),
            Y = Stored<T, TStored, TStorage>(y),
            Mean = In<T>(mean),
            Rstd = In<T>(rstd),
            Epsilon = T.CreateTruncating(epsilon),
            Count = T.CreateTruncating(Math.Max(length, 1)),
            Length = length,
            HasGamma = Has(gamma),
            HasBeta = Has(beta),
            Adds = Adds(y),
        };
        _device.Launch(LayerNormKernel<T, TStored, TStorage>.Run, PerRow(rows, length), arguments);
    }

    private void LayerNormInputGradient<T, TStored, TStorage>(
        in View x, in View gamma, in View mean, in View rstd, in View dy, in Destination dx)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        if (x.Shape.ElementCount == 0) return;
        LayerNormInputGradientKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            X = Stored<T, TStored, TStorage>(x),
            Gamma = In<T>(gamma),
            Mean = In<T>(mean),
            Rstd = In<T>(rstd),
            Dy = Stored<T, TStored, TStorage>(dy),
            Dx = Stored<T, TStored, TStorage>(dx),
            Count = T.CreateTruncating(x.Shape.Last),
            Length = x.Shape.Last,
            HasGamma = Has(gamma),
            Adds = Adds(dx),
        };
        _device.Launch(LayerNormInputGradientKernel<T, TStored, TStorage>.Run, PerRow(x.Shape.Rows, x.Shape.Last), arguments);
    }

    private void RmsNorm<T, TStored, TStorage>(in View x, in View gamma, double epsilon, in Destination y, in View rms)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        (int rows, int length) = (x.Shape.Rows, x.Shape.Last);
        if (rows == 0) return;
        RmsNormKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            X = Stored<T, TStored, TStorage>(x),
            Gamma = In<T>(gamma),
            Y = Stored<T, TStored, TStorage>(y),
            Rms = In<T>(rms),
            Epsilon = T.CreateTruncating(epsilon),
            Count = T.CreateTruncating(Math.Max(length, 1)),
            Length = length,
            HasGamma = Has(gamma),
            Adds = Adds(y),
        };
        _device.Launch(RmsNormKernel<T, TStored, TStorage>.Run, PerRow(rows, length), arguments);
    }

    private void RmsNormInputGradient<T, TStored, TStorage>(in View x, in View gamma, in View rms, in View dy, in Destination dx)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        if (x.Shape.ElementCount == 0) return;
        RmsNormInputGradientKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            X = Stored<T, TStored, TStorage>(x),
            Gamma = In<T>(gamma),
            Rms = In<T>(rms),
            Dy = Stored<T, TStored, TStorage>(dy),
            Dx = Stored<T, TStored, TStorage>(dx),
            Count = T.CreateTruncating(x.Shape.Last),
            Length = x.Shape.Last,
            HasGamma = Has(gamma),
            Adds = Adds(dx),
        };
        _device.Launch(RmsNormInputGradientKernel<T, TStored, TStorage>.Run, PerRow(x.Shape.Rows, x.Shape.Last), arguments);
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
        LaunchShape columns = PerElement(length);
        NormWeightGradientKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            X = Stored<T, TStored, TStorage>(x),
            Mean = In<T>(mean),
            Factor = In<T>(factor),
            Dy = Stored<T, TStored, TStorage>(dy),
            Dots = dots.Elements,
            Sums = sums.Elements,
            Rows = rows,
            Length = length,
            ChunkRows = chunkRows,
            HasMean = Has(mean),
            WantsDots = dgamma.Exists ? 1 : 0,
            WantsSums = dbeta.Exists ? 1 : 0,
        };
        _device.Launch(NormWeightGradientKernel<T, TStored, TStorage>.Run, columns with { GridY = chunks }, arguments);
        if (dgamma.Exists) SumChunks<T, T, AsIs<T>>(dots.Elements, chunks, length, dgamma);
        if (dbeta.Exists) SumChunks<T, T, AsIs<T>>(sums.Elements, chunks, length, dbeta);
    }

    private static int Has(in View view) => view.Exists ? 1 : 0;
}
