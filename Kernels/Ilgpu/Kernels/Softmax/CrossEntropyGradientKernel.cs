using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dlogits = scale·(exp(logit - lse) - target distribution), one lane per element; 0 in a row that does not count. May
/// be written over the logits.  logits, dlogits:[rows, Classes]  targets, lse:[rows]  scale:[1]</summary>
internal static class CrossEntropyGradientKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        int at = Grid.IdxX * Group.DimX + Group.IdxX;
        if (at >= a.Count) return;
        int row = at / a.Classes, target = a.Targets[row];
        T gradient = T.Zero;
        if (target != a.Ignored)
        {
            T share = at - row * a.Classes == target ? a.Kept + a.Spread : a.Spread;
            gradient = a.Scale[0] * (T.Exp(a.Logits[at] - a.Lse[row]) - share);
        }
        a.Dlogits[at] = a.Adds != 0 ? a.Dlogits[at] + gradient : gradient;
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> Logits, Dlogits;
        public ArrayView<T> Lse, Scale;
        public ArrayView<int> Targets;
        public T Kept, Spread;
        public int Count, Classes, Ignored, Adds;
    }
}
