using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Turns the pairs (i, i + D/2) of each head by the table's angle for the step: one lane per pair, or per four
/// neighbouring ones, as which all numbers are then counted.
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
        if (a.InFours != 0)
        {
            Quad<T> x = a.X.Four(low), y = a.X.Four(high), cos = a.Cos.Four(angle), sin = a.Sin.Four(angle).Times(a.Sign);
            a.Y.Put(low, x.Times(cos).Minus(y.Times(sin)), a.Adds);
            a.Y.Put(high, x.Times(sin).Plus(y.Times(cos)), a.Adds);
        }
        else
        {
            T x = a.X[low], y = a.X[high], cos = a.Cos[angle], sin = a.Sin[angle] * a.Sign;
            a.Y.Put(low, x * cos - y * sin, a.Adds);
            a.Y.Put(high, x * sin + y * cos, a.Adds);
        }
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X, Y;
        public StoredView<T, T, AsIs<T>> Cos, Sin;

        /// <summary>-1 to turn back.</summary>
        public T Sign;

        public int Pairs, Half, Heads, Time, Adds, InFours;
    }
}
