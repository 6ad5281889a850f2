using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>Vector width that matrix products work with. Every level gives the same bits; only the speed differs.</summary>
public enum SimdLevel
{
    /// <summary>128-bit vectors: any machine.</summary>
    Vector128,

    /// <summary>256-bit vectors: AVX2.</summary>
    Vector256,

    /// <summary>512-bit vectors: AVX-512.</summary>
    Vector512,
}

/// <summary>Picks a <see cref="SimdLevel"/>.</summary>
internal static class SimdLevels
{
    /// <summary>The widest level that this machine runs in hardware.</summary>
    public static SimdLevel Best { get; } =
        Vector512.IsHardwareAccelerated ? SimdLevel.Vector512
        : Vector256.IsHardwareAccelerated ? SimdLevel.Vector256
        : SimdLevel.Vector128;
}
