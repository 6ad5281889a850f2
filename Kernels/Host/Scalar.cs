using System.Runtime.CompilerServices;

namespace AutogradCore.Kernels.Host;

/// <summary>Arithmetic on single elements, T = float or double, for the edges of vector code.</summary>
internal static class Scalar
{
    /// <summary>a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add<T>(T a, T b)
        where T : unmanaged
        => typeof(T) == typeof(float)
            ? (T)(object)((float)(object)a + (float)(object)b)
            : (T)(object)((double)(object)a + (double)(object)b);
}
