using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public abstract partial class KernelBackend
{
    /// <inheritdoc/>
    public void LayerNorm(in View x, in View gamma, in View beta, double epsilon, in Destination y, in View mean, in View rstd)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.LayerNorm(x, gamma, beta, y, mean, rstd);
        if (AreRounded(x, y.View) && AreFloats(gamma, beta))
            Norm<ushort, BFloat16InDouble, float, SingleInDouble>(x, gamma, beta, epsilon, y, mean, rstd);
        else if (WidenedVerbs.Are(x, gamma, beta, y.View)) _widened.LayerNorm(x, gamma, beta, epsilon, y, mean, rstd);
        else if (x.DType == DType.Float64)
            Norm<double, AsIs<double>, double, AsIs<double>>(x, gamma, beta, epsilon, y, mean, rstd);
        else Norm<float, SingleInDouble, float, SingleInDouble>(x, gamma, beta, epsilon, y, mean, rstd);
    }

    /// <inheritdoc/>
    public void LayerNormInputGradient(in View x, in View gamma, in View mean, in View rstd, in View dy, in Destination dx)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.LayerNormInputGradient(x, gamma, mean, rstd, dy, dx);
        if (AreRounded(x, dy, dx.View) && AreFloats(gamma))
            NormInputGradient<ushort, BFloat16InDouble, float, SingleInDouble>(x, gamma, mean, rstd, dy, dx);
        else if (WidenedVerbs.Are(x, gamma, dy, dx.View)) _widened.LayerNormInputGradient(x, gamma, mean, rstd, dy, dx);
        else if (x.DType == DType.Float64)
            NormInputGradient<double, AsIs<double>, double, AsIs<double>>(x, gamma, mean, rstd, dy, dx);
        else NormInputGradient<float, SingleInDouble, float, SingleInDouble>(x, gamma, mean, rstd, dy, dx);
    }

    /// <inheritdoc/>
    public void LayerNormWeightGradient(
        in View x, in View mean, in View rstd, in View dy, in Destination dgamma, in Destination dbeta)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.LayerNormWeightGradient(x, mean, rstd, dy, dgamma, dbeta);
        if (AreRounded(x, dy) && AreFloats(dgamma.View, dbeta.View))
            NormWeightGradient<ushort, BFloat16InDouble, float, SingleInDouble>(x, mean, rstd, dy, dgamma, dbeta);
        else if (WidenedVerbs.Are(x, dy, dgamma.View, dbeta.View))
            _widened.LayerNormWeightGradient(x, mean, rstd, dy, dgamma, dbeta);
        else if (x.DType == DType.Float64)
            NormWeightGradient<double, AsIs<double>, double, AsIs<double>>(x, mean, rstd, dy, dgamma, dbeta);
        else NormWeightGradient<float, SingleInDouble, float, SingleInDouble>(x, mean, rstd, dy, dgamma, dbeta);
    }

    /// <inheritdoc/>
    public void RmsNorm(in View x, in View gamma, double epsilon, in Destination y, in View rms)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.RmsNorm(x, gamma, y, rms);
        if (AreRounded(x, y.View) && AreFloats(gamma))
            Norm<ushort, BFloat16InDouble, float, SingleInDouble>(x, gamma, default, epsilon, y, default, rms);
        else if (WidenedVerbs.Are(x, gamma, y.View)) _widened.RmsNorm(x, gamma, epsilon, y, rms);
        else if (x.DType == DType.Float64)
            Norm<double, AsIs<double>, double, AsIs<double>>(x, gamma, default, epsilon, y, default, rms);
        else Norm<float, SingleInDouble, float, SingleInDouble>(x, gamma, default, epsilon, y, default, rms);
    }

    /// <inheritdoc/>
    public void RmsNormInputGradient(in View x, in View gamma, in View rms, in View dy, in Destination dx)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.RmsNormInputGradient(x, gamma, rms, dy, dx);
        if (AreRounded(x, dy, dx.View) && AreFloats(gamma))
            NormInputGradient<ushort, BFloat16InDouble, float, SingleInDouble>(x, gamma, default, rms, dy, dx);
        else if (WidenedVerbs.Are(x, gamma, dy, dx.View)) _widened.RmsNormInputGradient(x, gamma, rms, dy, dx);
        else if (x.DType == DType.Float64)
            NormInputGradient<double, AsIs<double>, double, AsIs<double>>(x, gamma, default, rms, dy, dx);
        else NormInputGradient<float, SingleInDouble, float, SingleInDouble>(x, gamma, default, rms, dy, dx);
    }

    /// <inheritdoc/>
    public void RmsNormWeightGradient(in View x, in View rms, in View dy, in Destination dgamma)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.RmsNormWeightGradient(x, rms, dy, dgamma);
        if (AreRounded(x, dy) && AreFloats(dgamma.View))
            NormWeightGradient<ushort, BFloat16InDouble, float, SingleInDouble>(x, default, rms, dy, dgamma, default);
        else if (WidenedVerbs.Are(x, dy, dgamma.View)) _widened.RmsNormWeightGradient(x, rms, dy, dgamma);
        else if (x.DType == DType.Float64)
            NormWeightGradient<double, AsIs<double>, double, AsIs<double>>(x, default, rms, dy, dgamma, default);
        else NormWeightGradient<float, SingleInDouble, float, SingleInDouble>(x, default, rms, dy, dgamma, default);
    }

    /// <summary>Layer norm, or RMS norm where there is no mean.</summary>
    private void Norm<TStored, TStorage, TGain, TGainStorage>(
        in View x, in View gamma, in View beta, double epsilon, in Destination y, in View mean, in View factor)
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, double>
        where TGain : unmanaged
        where TGainStorage : struct, IStorage<TGain, double>
    {
        (int rows, int length) = (x.Shape.Rows, x.Shape.Last);
        if (rows == 0) return;
        NormKernel<TStored, TStorage, TGain, TGainStorage>.Arguments arguments = new()
        {
            X = Stored<double, TStored, TStorage>(x),
            Gamma = Stored<double, TGain, TGainStorage>(gamma),
            Beta = Stored<double, TGain, TGainStorage>(beta),
            Y = Stored<double, TStored, TStorage>(y),
            Mean = In<double>(mean),
            Factor = In<double>(factor),
            Epsilon = epsilon,
            Count = Math.Max(length, 1),
            Length = length,
            HasMean = Has(mean),
            HasGamma = Has(gamma),
            HasBeta = Has(beta),
            Adds = Adds(y),
            IsAligned = AreFours<TStored>(length, x, y.View) & AreFours<TGain>(length, gamma, beta),
        };
        _device.Launch(NormKernel<TStored, TStorage, TGain, TGainStorage>.Run, PerRowInFours(rows, length), arguments);
    }

    /// <summary>Of layer norm, or of RMS norm where there is no mean.</summary>
    private void NormInputGradient<TStored, TStorage, TGain, TGainStorage>(
        in View x, in View gamma, in View mean, in View factor, in View dy, in Destination dx)
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, double>
        where TGain : unmanaged
        where TGainStorage : struct, IStorage<TGain, double>
    {
        (int rows, int length) = (x.Shape.Rows, x.Shape.Last);
        if (x.Shape.ElementCount == 0) return;
        NormInputGradientKernel<TStored, TStorage, TGain, TGainStorage>.Arguments arguments = new()
        {
            X = Stored<double, TStored, TStorage>(x),
            Gamma = Stored<double, TGain, TGainStorage>(gamma),
            Mean = In<double>(mean),
            Factor = In<double>(factor),
            Dy = Stored<double, TStored, TStorage>(dy),
            Dx = Stored<double, TStored, TStorage>(dx),
            Count = length,
            Length = length,
            HasMean = Has(mean),
            HasGamma = Has(gamma),
            Adds = Adds(dx),
            IsAligned = AreFours<TStored>(length, x, dy, dx.View) & AreFours<TGain>(length, gamma),
        };
        _device.Launch(
            NormInputGradientKernel<TStored, TStorage, TGain, TGainStorage>.Run, PerRowInFours(rows, length), arguments);
    }

    /// <summary>Chunks of rows first, then their sum; without a mean for RMS norm.</summary>
    private void NormWeightGradient<TStored, TStorage, TGain, TGainStorage>(
        in View x, in View mean, in View factor, in View dy, in Destination dgamma, in Destination dbeta)
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, double>
        where TGain : unmanaged
        where TGainStorage : struct, IStorage<TGain, double>
    {
        (int rows, int length) = (x.Shape.Rows, x.Shape.Last);
        if (length == 0) return;
        (int chunkRows, int chunks) = Chunks(rows, length);
        using Temporary<double> dots = Rent<double>(dgamma.Exists ? (long)chunks * length : 0);
        using Temporary<double> sums = Rent<double>(dbeta.Exists ? (long)chunks * length : 0);
        NormWeightGradientKernel<TStored, TStorage>.Arguments arguments = new()
        {
            X = Stored<double, TStored, TStorage>(x),
            Mean = In<double>(mean),
            Factor = In<double>(factor),
            Dy = Stored<double, TStored, TStorage>(dy),
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
        _device.Launch(NormWeightGradientKernel<TStored, TStorage>.Run, shape, arguments);
        if (dgamma.Exists) SumChunks<TGain, TGainStorage>(dots.Elements, chunks, length, dgamma);
        if (dbeta.Exists) SumChunks<TGain, TGainStorage>(sums.Elements, chunks, length, dbeta);
    }

    private static int Has(in View view) => view.Exists ? 1 : 0;
}
