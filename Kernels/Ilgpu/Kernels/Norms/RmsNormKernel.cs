using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = x·rms·gamma with rms = 1/√(mean(x²) + ε), one group per row.  x, y:[rows, Length]  gamma:[Length]
/// rms:[rows]</summary>
internal static class RmsNormKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Length;
        T squares = T.Zero;
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX) squares += a.X[row + i] * a.X[row + i];
        T rms = T.One / T.Sqrt(Reduce.Sum(squares, shared) / a.Count + a.Epsilon);
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX)
        {
            T y = a.X[row + i] * rms;
            if (a.HasGamma != 0) y *= a.Gamma[i];
            a.Y[row + i] = a.Adds != 0 ? a.Y[row + i] + y : y;
        }
        if (Group.IdxX == 0) a.Rms[Grid.IdxX] = rms;
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X, Y;
        public ArrayView<T> Gamma, Rms;
        public T Epsilon, Count;
        public int Length, HasGamma, Adds;
    }
}
