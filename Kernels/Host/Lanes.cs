using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>Moves vectors between registers and rows, whole or the first lanes of one, writing or adding.</summary>
internal static unsafe class Lanes
{
    /// <summary>y = value, or y += value. Scalar: one element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<T>(Vector512<T> value, T* y, bool add)
        where T : unmanaged
    {
        if (add)
            value += Vector512.Load(y);
        value.Store(y);
    }

    /// <summary>The first <paramref name="count"/> lanes of <see cref="Put{T}(Vector512{T}, T*, bool)"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutTail<T>(Vector512<T> value, T* y, int count, bool add)
        where T : unmanaged
    {
        if (add)
            value += VectorTail.Load(y, count);
        VectorTail.Store(value, y, count);
    }
}
