using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutogradCore.Kernels.Host;

/// <summary>Loads and stores of the last, incomplete vector of a row: missing lanes are filled in and dropped.</summary>
/// <remarks>
/// Idea: masked instructions where the machine has them. They are inlined without a call, so that a kernel's registers survive
/// its tail: one call in a method makes every vector that lives across it travel through memory, in the hot loop too.
/// Scalar equivalent: a loop over the lanes.
/// </remarks>
internal static unsafe class VectorTail
{
    /// <summary>The first <paramref name="count"/> lanes from memory, the others <paramref name="fill"/>;
    /// reads nothing beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Load<T>(T* source, int count, T fill = default)
        where T : unmanaged
    {
        if (!Avx512F.IsSupported)
            return LoadLanes(source, count, fill);
        return typeof(T) == typeof(float)
            ? Avx512F.MaskLoad((float*)source, Mask<T>(count).AsSingle(), Vector512.Create(fill).AsSingle()).As<float, T>()
            : Avx512F.MaskLoad((double*)source, Mask<T>(count).AsDouble(), Vector512.Create(fill).AsDouble()).As<double, T>();
    }

    /// <summary>Stores the first <paramref name="count"/> lanes; touches nothing beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(Vector512<T> value, T* destination, int count)
        where T : unmanaged
    {
        if (!Avx512F.IsSupported)
            StoreLanes(value, destination, count);
        else if (typeof(T) == typeof(float))
            Avx512F.MaskStore((float*)destination, Mask<T>(count).AsSingle(), value.AsSingle());
        else
            Avx512F.MaskStore((double*)destination, Mask<T>(count).AsDouble(), value.AsDouble());
    }

    /// <summary>The first <paramref name="count"/> lanes as they are, the others zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Keep<T>(Vector512<T> value, int count)
        where T : unmanaged
        => value & Mask<T>(count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Mask<T>(int count)
        where T : unmanaged
        => typeof(T) == typeof(float)
            ? Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).As<int, T>()
            : Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)count)).As<long, T>();

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<T> LoadLanes<T>(T* source, int count, T fill)
        where T : unmanaged
    {
        T* lanes = stackalloc T[Vector512<T>.Count];
        for (int i = 0; i < Vector512<T>.Count; i++)
            lanes[i] = i < count ? source[i] : fill;
        return Vector512.Load(lanes);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreLanes<T>(Vector512<T> value, T* destination, int count)
        where T : unmanaged
    {
        T* lanes = stackalloc T[Vector512<T>.Count];
        value.Store(lanes);
        for (int i = 0; i < count; i++)
            destination[i] = lanes[i];
    }
}
