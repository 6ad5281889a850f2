using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Turns the pairs (i, i + D/2) of each head by the table's angle for the step: one lane per pair.
/// x, y:[B,T,H,D]  cos, sin:[T, D/2]</summary>
internal static class RotaryKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= a.Pairs) return;
        int head = i / a.Half, pair = i - head * a.Half, step = head / a.Heads % a.Time, angle = step * a.Half + pair;
        int low = head * 2 * a.Half + pair, high = low + a.Half;
        T cos = a.Cos[angle], sin = a.Inverse != 0 ? -a.Sin[angle] : a.Sin[angle], x = a.X[low], y = a.X[high];
        T turnedX = x * cos - y * sin, turnedY = x * sin + y * cos;
        a.Y[low] = a.Adds != 0 ? a.Y[low] + turnedX : turnedX;
        a.Y[high] = a.Adds != 0 ? a.Y[high] + turnedY : turnedY;
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X, Y;
        public ArrayView<T> Cos, Sin;
        public int Pairs, Half, Heads, Time, Inverse, Adds;
    }
}
