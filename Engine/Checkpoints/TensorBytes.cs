using System.Runtime.InteropServices;

namespace AutogradCore;

/// <summary>Tensors as the bytes of a safetensors file:
/// the format's names of element types, and copies in and out in host memory.</summary>
internal static class TensorBytes
{
    private const int Chunk = 4 << 20;

    /// <summary>The element type as the format spells it.</summary>
    public static string DtypeOf(DType dtype) => dtype switch
    {
        DType.Float64 => "F64",
        DType.Float32 => "F32",
        DType.Int32 => "I32",
        DType.BFloat16 => "BF16",
        _ => "BOOL",
    };

    /// <summary>Hands out a tensor's bytes in row-major order, in pieces.</summary>
    public static void Read(Tensor tensor, Action<ReadOnlySpan<byte>> piece)
    {
        switch (tensor.DType)
        {
            case DType.Float64: Read<double>(tensor, piece); break;
            case DType.Float32: Read<float>(tensor, piece); break;
            case DType.Int32: Read<int>(tensor, piece); break;
            case DType.BFloat16: Read<BFloat16>(tensor, piece); break;
            default: Read<byte>(tensor, piece); break;
        }
    }

    /// <summary>Overwrites a tensor with bytes in row-major order; their number must fit.</summary>
    public static void Write(Tensor tensor, ReadOnlySpan<byte> bytes)
    {
        switch (tensor.DType)
        {
            case DType.Float64: tensor.CopyFrom(MemoryMarshal.Cast<byte, double>(bytes)); break;
            case DType.Float32: tensor.CopyFrom(MemoryMarshal.Cast<byte, float>(bytes)); break;
            case DType.Int32: tensor.CopyFrom(MemoryMarshal.Cast<byte, int>(bytes)); break;
            case DType.BFloat16: tensor.CopyFrom(MemoryMarshal.Cast<byte, BFloat16>(bytes)); break;
            default: tensor.CopyFrom(bytes); break;
        }
    }

    private static void Read<T>(Tensor tensor, Action<ReadOnlySpan<byte>> piece) where T : unmanaged
    {
        ReadOnlySpan<T> elements = tensor.ToArray<T>();
        for (int at = 0; at < elements.Length; at += Chunk)
            piece(MemoryMarshal.AsBytes(elements.Slice(at, Math.Min(Chunk, elements.Length - at))));
    }
}
