using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>y = f(x) over elements, a vector at a time. Scalar: <see cref="IUnary{TSelf}.Apply{T}"/>.</summary>
internal readonly unsafe struct MapRange<TOp, T>(T* x, T* y, bool add) : IRange
    where TOp : struct, IUnary<TOp>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int begin, int end)
    {
        T* from = x, to = y;
        bool adds = add;
        int i = begin;
        for (; i <= end - Vector512<T>.Count; i += Vector512<T>.Count)
            Lanes.Put(TOp.ApplyLanes(Vector512.Load(from + i)), to + i, adds);
        if (i < end)
            Lanes.PutTail(TOp.ApplyLanes(VectorTail.Load(from + i, end - i)), to + i, end - i, adds);
    }
}
