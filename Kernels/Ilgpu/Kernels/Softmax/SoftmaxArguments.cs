using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What <see cref="SoftmaxKernel{T, TStored, TStorage}"/> and its logarithm are given.  x, y:[rows, Length]</summary>
internal struct SoftmaxArguments<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public StoredView<T, TStored, TStorage> X, Y;

    public int Length, Adds;

    /// <summary>1 where rows are whole fours that start at a four.</summary>
    public int IsAligned;
}

/// <summary>What their gradients are given.  y, dy, dx:[rows, Length]</summary>
internal struct SoftmaxGradientArguments<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public StoredView<T, TStored, TStorage> Y, Dy, Dx;

    public int Length, Adds;

    /// <summary>1 where rows are whole fours that start at a four.</summary>
    public int IsAligned;

    /// <summary>Four elements of a row of y or dy, zeros after its end.</summary>
    public readonly Quad<T> Load(StoredView<T, TStored, TStorage> x, long row, int i) =>
        RowFours.Load(x, row, i, Length, IsAligned, T.Zero);
}
