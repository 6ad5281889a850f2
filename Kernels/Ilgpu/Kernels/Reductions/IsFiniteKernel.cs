using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Raises a flag where an element is NaN or infinite, by <see cref="Elements"/>.</summary>
internal static class IsFiniteKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a) => Elements.Run<Arguments, T>(a, a.Count, a.InFours);

    public struct Arguments : IElements<T, Quad<T>>
    {
        public StoredView<T, TStored, TStorage> X;
        public ArrayView<int> Flag;
        public int Count, InFours;

        /// <summary>0 exactly where x is finite.</summary>
        public readonly T One(int i) => X[i] - X[i];

        public readonly void Put(int i, T y)
        {
            if (y != T.Zero) Atomic.Or(ref Flag[new Index1D(0)], 1);
        }

        public readonly Quad<T> Four(int q)
        {
            Quad<T> x = X.Four(q);
            return x.Minus(x);
        }

        public readonly void Put(int q, Quad<T> y) => Put(q, RowFours.Sum(y));
    }
}
