using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dlogits = scale·(exp(logit - lse) - target distribution), by <see cref="Elements"/>; 0 in a row that does not count.
/// May be written over the logits.  logits, dlogits:[rows, Classes]  targets, lse:[rows]  scale:[1]</summary>
internal static class CrossEntropyGradientKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a) => Elements.Run<Arguments, T>(a, a.Count, a.InFours);

    public struct Arguments : IElements<T, Quad<T>>
    {
        public StoredView<T, TStored, TStorage> Logits, Dlogits;
        public ArrayView<double> Lse, Scale;
        public ArrayView<int> Targets;
        public double Kept, Spread;
        public int Count, Classes, Ignored, Adds;

        /// <summary>1 where fours are whole, and none spans two rows.</summary>
        public int InFours;

        public readonly T One(int i)
        {
            int row = i / Classes, target = Targets[row];
            return target == Ignored ? T.Zero : Gradient(Logits[i], i - row * Classes == target, Scale[0], Lse[row]);
        }

        public readonly void Put(int i, T y) => Dlogits.Put(i, y, Adds);

        public readonly Quad<T> Four(int q)
        {
            int row = 4 * q / Classes, target = Targets[row], at = 4 * q - row * Classes;
            Quad<T> y = default;
            if (target == Ignored) return y;
            Quad<T> x = Logits.Four(q);
            double scale = Scale[0], lse = Lse[row];
            y.X = Gradient(x.X, at == target, scale, lse);
            y.Y = Gradient(x.Y, at + 1 == target, scale, lse);
            y.Z = Gradient(x.Z, at + 2 == target, scale, lse);
            y.W = Gradient(x.W, at + 3 == target, scale, lse);
            return y;
        }

        public readonly void Put(int q, Quad<T> y) => Dlogits.Put(q, y, Adds);

        /// <summary>The target's probability is often so near 1 that only its exponential in double differs from it.</summary>
        private readonly T Gradient(T logit, bool isTarget, double scale, double lse)
        {
            double p = isTarget
                ? Math.Exp(double.CreateTruncating(logit) - lse)
                : double.CreateTruncating(T.Exp(RowFours.Less(logit, lse)));
            return T.CreateTruncating(scale * (p - (isTarget ? Kept + Spread : Spread)));
        }
    }
}
