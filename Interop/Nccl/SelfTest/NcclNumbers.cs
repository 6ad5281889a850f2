using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace AutogradCore.Interop;

/// <summary>Elements of every type as bytes, small enough that each type holds them exactly.</summary>
internal static class NcclNumbers
{
    /// <summary>0 to 39 in turns, times a factor of at most 3: no type overflows.</summary>
    public static byte[] Counting(NcclDataType type, int count, int factor = 1)
    {
        byte[] bytes = new byte[count * type.Size()];
        for (int i = 0; i < count; i++) Write(type, i * 7 % 40 * factor, bytes.AsSpan(i * type.Size(), type.Size()));
        return bytes;
    }

    /// <summary>One number.</summary>
    public static byte[] One(NcclDataType type, int number)
    {
        byte[] bytes = new byte[type.Size()];
        Write(type, number, bytes);
        return bytes;
    }

    /// <summary>Bytes without a meaning, every run the same: what moves must move NaN and all.</summary>
    public static byte[] Noise(long bytes)
    {
        byte[] noise = new byte[(bytes + 7) / 8 * 8];
        ulong state = 0;
        foreach (ref ulong word in MemoryMarshal.Cast<byte, ulong>(noise.AsSpan()))
        {
            ulong z = state += 0x9E3779B97F4A7C15; // SplitMix64
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            word = z ^ (z >> 31);
        }
        return noise.Length == bytes ? noise : noise[..(int)bytes];
    }

    private static void Write(NcclDataType type, int number, Span<byte> into)
    {
        switch (type)
        {
            case NcclDataType.Int8 or NcclDataType.UInt8:
                into[0] = (byte)number;
                break;
            case NcclDataType.Int32 or NcclDataType.UInt32:
                BinaryPrimitives.WriteInt32LittleEndian(into, number);
                break;
            case NcclDataType.Int64 or NcclDataType.UInt64:
                BinaryPrimitives.WriteInt64LittleEndian(into, number);
                break;
            case NcclDataType.Float16:
                BinaryPrimitives.WriteHalfLittleEndian(into, (Half)number);
                break;
            case NcclDataType.BFloat16:
                BinaryPrimitives.WriteUInt16LittleEndian(into, ((BFloat16)(float)number).Bits);
                break;
            case NcclDataType.Float32:
                BinaryPrimitives.WriteSingleLittleEndian(into, number);
                break;
            case NcclDataType.Float64:
                BinaryPrimitives.WriteDoubleLittleEndian(into, number);
                break;
            default:
                throw new ArgumentException($"{type} is moved, not computed with.", nameof(type));
        }
    }
}
