using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public abstract unsafe partial class KernelBackend
{
    /// <inheritdoc/>
    public bool IsFinite(in View x)
    {
        using VerbGate.Pass pass = Enter();
        return x.DType switch
        {
            DType.Float64 => IsFinite<double, double, AsIs<double>>(x),
            DType.BFloat16 => IsFinite<float, ushort, AsBFloat16>(x),
            _ => IsFinite<float, float, AsIs<float>>(x),
        };
    }

    /// <inheritdoc/>
    public double SquaredNorm(in View x)
    {
        using VerbGate.Pass pass = Enter();
        return x.DType switch
        {
            DType.Float64 => SquaredNorm<double, double, AsIs<double>>(x),
            DType.BFloat16 => SquaredNorm<float, ushort, AsBFloat16>(x),
            _ => SquaredNorm<float, float, AsIs<float>>(x),
        };
    }

    private bool IsFinite<T, TStored, TStorage>(in View x)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        int count = x.Shape.ElementCount, flag = 0;
        if (count == 0) return true;
        Buffer place = Memory.Rent(sizeof(int));
        try
        {
            _device.Upload(&flag, place.Pointer, 0, sizeof(int));
            IsFiniteKernel<T, TStored, TStorage>.Arguments arguments = new()
            {
                X = Stored<T, TStored, TStorage>(x),
                Flag = _device.View<int>(place.Pointer, 0, 1),
                Count = count,
                InFours = InFours(count, true, IsAligned<TStored>(x)),
            };
            _device.Launch(IsFiniteKernel<T, TStored, TStorage>.Run, PerElement(count, arguments.InFours), arguments);
            _device.Download(place.Pointer, 0, &flag, sizeof(int));
        }
        finally
        {
            place.Return();
        }
        _checks.Verify();
        return flag == 0;
    }

    /// <summary>One partial sum per group, then one group adds those: the shape depends on the device and the count
    /// alone.</summary>
    private double SquaredNorm<T, TStored, TStorage>(in View x)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        int count = x.Shape.ElementCount;
        if (count == 0) return 0;
        int lanes = _device.ReduceGroup, tile = RowTile<T>.PerLane * lanes;
        int groups = Math.Min((count - 1) / tile + 1, 4 * _device.Multiprocessors);
        double sum = 0;
        Buffer place = Memory.Rent((groups + 1) * sizeof(double));
        try
        {
            ArrayView<double> sums = _device.View<double>(place.Pointer, 0, groups);
            SquaredNormKernel<T, TStored, TStorage>.Arguments arguments = new()
            {
                X = Stored<T, TStored, TStorage>(x),
                Sums = sums,
                Groups = groups,
                Count = count,
                IsAligned = IsAligned<TStored>(x) ? 1 : 0,
            };
            _device.Launch(SquaredNormKernel<T, TStored, TStorage>.Run, new LaunchShape(groups, lanes), arguments);
            StoredView<double, double, AsIs<double>> last = new(_device.View<double>(place.Pointer, groups, 1));
            StoredView<double, double, AsIs<double>> partial = new(sums);
            SumByGroups(partial, last, Walk.Along(1), Walk.Along(1), 1, groups, AreFours<double>(groups), 0);
            _device.Download(place.Pointer, groups * sizeof(double), &sum, sizeof(double));
        }
        finally
        {
            place.Return();
        }
        _checks.Verify();
        return sum;
    }
}
