using System.Runtime.InteropServices;
using AutogradCore.Interop;

namespace AutogradCore.Tests.Interop;

/// <summary>The arithmetic of <see cref="FakeNccl"/>.</summary>
internal static class FakeNumbers
{
    /// <summary>x = 3x, in the type's own arithmetic.</summary>
    public static void Triple(NcclDataType type, Span<byte> bytes)
    {
        switch (type)
        {
            case NcclDataType.Int8: Map<sbyte>(bytes, x => (sbyte)(x * 3)); break;
            case NcclDataType.UInt8: Map<byte>(bytes, x => (byte)(x * 3)); break;
            case NcclDataType.Int32: Map<int>(bytes, x => x * 3); break;
            case NcclDataType.UInt32: Map<uint>(bytes, x => x * 3); break;
            case NcclDataType.Int64: Map<long>(bytes, x => x * 3); break;
            case NcclDataType.UInt64: Map<ulong>(bytes, x => x * 3); break;
            case NcclDataType.Float16: Map<Half>(bytes, x => x * (Half)3); break;
            case NcclDataType.Float32: Map<float>(bytes, x => x * 3); break;
            case NcclDataType.Float64: Map<double>(bytes, x => x * 3); break;
            case NcclDataType.BFloat16: Map<BFloat16>(bytes, x => (BFloat16)((float)x * 3)); break;
            default: throw new ArgumentException($"{type} cannot be multiplied.");
        }
    }

    /// <summary>Whether the bytes are the number 3 of the type.</summary>
    public static bool IsThree(NcclDataType type, ReadOnlySpan<byte> bytes) => type switch
    {
        NcclDataType.Int8 or NcclDataType.UInt8 => bytes[0] == 3,
        NcclDataType.Int32 or NcclDataType.UInt32 => MemoryMarshal.Read<int>(bytes) == 3,
        NcclDataType.Int64 or NcclDataType.UInt64 => MemoryMarshal.Read<long>(bytes) == 3,
        NcclDataType.Float16 => MemoryMarshal.Read<Half>(bytes) == (Half)3,
        NcclDataType.Float32 => MemoryMarshal.Read<float>(bytes) == 3,
        NcclDataType.Float64 => MemoryMarshal.Read<double>(bytes) == 3,
        NcclDataType.BFloat16 => (float)MemoryMarshal.Read<BFloat16>(bytes) == 3,
        _ => false,
    };

    private static void Map<T>(Span<byte> bytes, Func<T, T> f) where T : unmanaged
    {
        foreach (ref T x in MemoryMarshal.Cast<byte, T>(bytes)) x = f(x);
    }
}
