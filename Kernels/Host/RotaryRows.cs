using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>Turns the pairs (i, i + D/2) of every head by its step's angle.  x:[B,T,H,D]; an item is one (batch, step).</summary>
/// <remarks>Scalar equivalent: <see cref="ReferenceBackend.Rotary"/>.</remarks>
internal readonly unsafe struct RotaryRows<T>(T* x, T* y, int time, int heads, int half, T* cosines, T* sines, bool add) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int item = begin; item < end; item++)
        {
            nint angles = (nint)(item % time) * half;
            for (int head = 0; head < heads; head++)
            {
                nint at = (((nint)item * heads) + head) * 2 * half;
                Head(x + at, y + at, half, cosines + angles, sines + angles, add);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Head(T* x, T* y, int half, T* cosines, T* sines, bool add)
    {
        int i = 0;
        for (; i <= half - Vector512<T>.Count; i += Vector512<T>.Count)
        {
            Vector512<T> a = Vector512.Load(x + i), b = Vector512.Load(x + half + i);
            Vector512<T> cos = Vector512.Load(cosines + i), sin = Vector512.Load(sines + i);
            Lanes.Put(Simd.Fma(a, cos, -(b * sin)), y + i, add);
            Lanes.Put(Simd.Fma(a, sin, b * cos), y + half + i, add);
        }

        if (i < half)
        {
            int count = half - i;
            Vector512<T> a = VectorTail.Load(x + i, count), b = VectorTail.Load(x + half + i, count);
            Vector512<T> cos = VectorTail.Load(cosines + i, count), sin = VectorTail.Load(sines + i, count);
            Lanes.PutTail(Simd.Fma(a, cos, -(b * sin)), y + i, count, add);
            Lanes.PutTail(Simd.Fma(a, sin, b * cos), y + half + i, count, add);
        }
    }
}
