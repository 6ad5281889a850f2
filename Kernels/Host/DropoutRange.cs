using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>y[i] = x[i]·factor where element i's 24 random bits reach a threshold, else 0.</summary>
/// <remarks>
/// Idea: eight Philox blocks side by side, one in each 64-bit lane, make the bits of 32 elements; u >= p over numbers of 24 bits
/// is a comparison of whole numbers. Scalar equivalent: <see cref="RandomStream.Uniform"/>, bit for bit.
/// </remarks>
internal readonly unsafe struct DropoutRange<T>(T* x, T* y, RandomStream stream, uint threshold, T factor, bool add) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Elements whose bits are made together; parts begin at multiples of it.</summary>
    public const int Together = 32;

    private const ulong Low32 = uint.MaxValue;

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void Run(int begin, int end)
    {
        uint* bits = stackalloc uint[Together];
        for (int i = begin; i < end; i += Together)
        {
            Blocks(stream.Key, (ulong)i >> 2, stream.Stream, bits);
            for (int j = 0; j < Together && i + j < end; j += Vector512<T>.Count)
                Keep(x + i + j, y + i + j, bits + j, Math.Min(end - i - j, Vector512<T>.Count));
        }
    }

    private void Keep(T* from, T* to, uint* bits, int count)
    {
        Vector512<T> kept = (typeof(T) == typeof(float)
            ? Vector512.GreaterThanOrEqual(Vector512.Load(bits) >> 8, Vector512.Create(threshold)).As<uint, T>()
            : Vector512.GreaterThanOrEqual(Wide(Vector256.Load(bits)) >> 8, Vector512.Create((ulong)threshold)).As<ulong, T>());
        if (count == Vector512<T>.Count)
            Lanes.Put((Vector512.Load(from) * Vector512.Create(factor)) & kept, to, add);
        else
            Lanes.PutTail((VectorTail.Load(from, count) * Vector512.Create(factor)) & kept, to, count, add);
    }

    private static Vector512<ulong> Wide(Vector256<uint> x) => Vector512.Create(Vector256.WidenLower(x), Vector256.WidenUpper(x));

    /// <summary>The words of the blocks counter .. counter + 7, in order. Scalar: <see cref="Philox.Block"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blocks(ulong key, ulong counter, ulong counterHigh, uint* words)
    {
        Vector512<ulong> low32 = Vector512.Create(Low32), counters = Vector512.Create(counter) + Vector512<ulong>.Indices;
        Vector512<ulong> multiplier0 = Vector512.Create(0xD2511F53UL), multiplier1 = Vector512.Create(0xCD9E8D57UL);
        Vector512<ulong> c0 = counters & low32, c1 = counters >> 32;
        Vector512<ulong> c2 = Vector512.Create(counterHigh & Low32), c3 = Vector512.Create(counterHigh >> 32);
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < 10; round++)
        {
            Vector512<ulong> p0 = c0 * multiplier0, p1 = c2 * multiplier1;
            c0 = (p1 >> 32) ^ c1 ^ Vector512.Create((ulong)k0);
            c2 = (p0 >> 32) ^ c3 ^ Vector512.Create((ulong)k1);
            (c1, c3) = (p1 & low32, p0 & low32);
            unchecked
            {
                k0 += 0x9E3779B9;
                k1 += 0xBB67AE85;
            }
        }

        ulong* pairs = stackalloc ulong[16];
        (c0 | (c1 << 32)).Store(pairs);
        (c2 | (c3 << 32)).Store(pairs + 8);
        ulong* into = (ulong*)words;
        for (int block = 0; block < 8; block++)
        {
            into[2 * block] = pairs[block];
            into[(2 * block) + 1] = pairs[8 + block];
        }
    }
}
