using System.Runtime.InteropServices;

namespace AutogradCore;

/// <summary>Tensors as the bytes of a safetensors file:
/// the format's names of element types, and copies in and out in host memory.</summary>
/// <remarks>Copies go piece by piece: a tensor may have more bytes than a span can hold.</remarks>
internal static class TensorBytes
{
    /// <summary>The bytes of a piece, at most.</summary>
    public const int Piece = 16 << 20;

    /// <summary>Gives <paramref name="length"/> bytes of a tensor from <paramref name="offset"/> on.</summary>
    public delegate ReadOnlySpan<byte> Source(long offset, int length);

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
    public static void Read(Tensor tensor, Action<ReadOnlySpan<byte>> sink, int piece = Piece)
    {
        switch (tensor.DType)
        {
            case DType.Float64: Read<double>(tensor, sink, piece); break;
            case DType.Float32: Read<float>(tensor, sink, piece); break;
            case DType.Int32: Read<int>(tensor, sink, piece); break;
            case DType.BFloat16: Read<BFloat16>(tensor, sink, piece); break;
            default: Read<byte>(tensor, sink, piece); break;
        }
    }

    /// <summary>Overwrites a tensor with bytes in row-major order, which are asked for in pieces.</summary>
    public static void Write(Tensor tensor, Source source, int piece = Piece)
    {
        switch (tensor.DType)
        {
            case DType.Float64: Write<double>(tensor, source, piece); break;
            case DType.Float32: Write<float>(tensor, source, piece); break;
            case DType.Int32: Write<int>(tensor, source, piece); break;
            case DType.BFloat16: Write<BFloat16>(tensor, source, piece); break;
            default: Write<byte>(tensor, source, piece); break;
        }
    }

    private static unsafe void Read<T>(Tensor tensor, Action<ReadOnlySpan<byte>> sink, int piece) where T : unmanaged
    {
        View all = Flat(tensor);
        int elements = Math.Min(all.Shape[0], Math.Max(1, piece / sizeof(T)));
        T[] host = new T[elements];
        for (long at = 0; at < all.Shape[0]; at += elements)
        {
            Span<T> part = host.AsSpan(0, (int)Math.Min(elements, all.Shape[0] - at));
            tensor.Backend.Download(all.Slice(0, (int)at, part.Length), part);
            sink(MemoryMarshal.AsBytes(part));
        }
    }

    private static unsafe void Write<T>(Tensor tensor, Source source, int piece) where T : unmanaged
    {
        View all = Flat(tensor);
        int elements = Math.Max(1, piece / sizeof(T));
        for (long at = 0; at < all.Shape[0]; at += elements)
        {
            int count = (int)Math.Min(elements, all.Shape[0] - at);
            ReadOnlySpan<byte> bytes = source(at * sizeof(T), count * sizeof(T));
            tensor.Backend.Upload(MemoryMarshal.Cast<byte, T>(bytes), all.Slice(0, (int)at, count));
        }
        tensor.Touch();
    }

    private static View Flat(Tensor tensor) => tensor.View.Reshape([tensor.Shape.ElementCount]);
}
