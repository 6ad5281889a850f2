using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>Loads and stores of the last, incomplete vector of a row: missing lanes are filled in and dropped.</summary>
internal static unsafe class VectorTail
{
    /// <summary>
    /// The first <paramref name="count"/> lanes from memory, the others <paramref name="fill"/>; reads nothing beyond.
    /// </summary>
    [SkipLocalsInit]
    public static Vector512<T> Load<T>(T* source, int count, T fill = default)
        where T : unmanaged
    {
        T* lanes = stackalloc T[Vector512<T>.Count];
        for (int i = 0; i < Vector512<T>.Count; i++)
            lanes[i] = i < count ? source[i] : fill;
        return Vector512.Load(lanes);
    }

    /// <summary>Stores the first <paramref name="count"/> lanes; touches nothing beyond.</summary>
    [SkipLocalsInit]
    public static void Store<T>(Vector512<T> value, T* destination, int count)
        where T : unmanaged
    {
        T* lanes = stackalloc T[Vector512<T>.Count];
        value.Store(lanes);
        for (int i = 0; i < count; i++)
            destination[i] = lanes[i];
    }

    /// <summary>The first <paramref name="count"/> lanes as they are, the others zero.</summary>
    [SkipLocalsInit]
    public static Vector512<T> Keep<T>(Vector512<T> value, int count)
        where T : unmanaged
    {
        T* lanes = stackalloc T[Vector512<T>.Count];
        value.Store(lanes);
        return Load(lanes, count);
    }
}
