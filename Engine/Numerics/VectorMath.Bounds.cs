using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <content>
/// Bounds that let NaN through. Idea: of two operands of which one is NaN, the hardware's minimum and maximum return the
/// second, or
/// the NaN; so the number that may be NaN stands second.
/// </content>
public static partial class VectorMath
{
    /// <summary>The smaller of x and the bound in each lane; NaN where x is. Scalar: Math.Min.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<T> AtMost<T>(Vector512<T> x, Vector512<T> bound) => Vector512.MinNative(bound, x);

    /// <summary>The larger of x and the bound in each lane; NaN where x is. Scalar: Math.Max.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<T> AtLeast<T>(Vector512<T> x, Vector512<T> bound) => Vector512.MaxNative(bound, x);
}
