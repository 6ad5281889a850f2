using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y[i] = x[i] / (1 - p) where uniform i is at least p, else 0: one lane per Philox block of four values, the same
/// bits as <see cref="RandomStream.Uniform"/>.</summary>
internal static class DropoutKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        int block = Grid.IdxX * Group.DimX + Group.IdxX, first = block * 4;
        if (first >= a.Count) return;
        uint k0 = a.Key0, k1 = a.Key1, c0 = (uint)block, c1 = 0, c2 = a.Stream0, c3 = a.Stream1;
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = (ulong)0xD2511F53u * c0, p1 = (ulong)0xCD9E8D57u * c2;
            uint high0 = (uint)(p0 >> 32), high1 = (uint)(p1 >> 32);
            c0 = high1 ^ c1 ^ k0;
            c1 = (uint)p1;
            c2 = high0 ^ c3 ^ k1;
            c3 = (uint)p0;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        if (a.InFours != 0 && first + 4 <= a.Count)
        {
            Quad<T> x = a.X.Four(block);
            a.Y.Put(block, new Quad<T>
            {
                X = Kept(a, x.X, c0),
                Y = Kept(a, x.Y, c1),
                Z = Kept(a, x.Z, c2),
                W = Kept(a, x.W, c3),
            }, a.Adds);
            return;
        }
        Put(a, first, c0);
        Put(a, first + 1, c1);
        Put(a, first + 2, c2);
        Put(a, first + 3, c3);
    }

    private static void Put(Arguments a, int i, uint bits)
    {
        if (i < a.Count) a.Y.Put(i, Kept(a, a.X[i], bits), a.Adds);
    }

    private static T Kept(Arguments a, T x, uint bits) => (int)(bits >> 8) >= a.Threshold ? x / a.Keep : T.Zero;

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X, Y;
        public T Keep;
        public uint Key0, Key1, Stream0, Stream1;

        /// <summary>The uniforms are multiples of 2^-24; this is the first one, in those units, that is at least p.</summary>
        public int Threshold;

        public int Count, Adds, InFours;
    }
}
