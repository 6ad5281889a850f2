namespace AutogradCore;

/// <summary>One tensor of a safetensors file: its name, element type, shape and place.</summary>
public sealed class SafetensorsEntry
{
    internal SafetensorsEntry(string name, string dtype, long[] shape, long offset, long byteLength)
    {
        (Name, Dtype, Offset, ByteLength) = (name, dtype, offset, byteLength);
        Shape = Array.AsReadOnly(shape);
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>The element type as the format spells it: F64, F32, F16, BF16, F8_E5M2, F8_E4M3, I64, I32, I16, I8, U64, U32,
    /// U16, U8, BOOL.</summary>
    public string Dtype { get; }

    /// <summary>The lengths of the axes, outermost first; empty for a scalar. Data is row-major.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Where the tensor's data starts, in bytes from the start of the file.</summary>
    public long Offset { get; }

    /// <summary>Bytes of data: the product of the shape and the element size.</summary>
    public long ByteLength { get; }

    /// <summary>For example <c>mlp.up F32 [2048,512]</c>.</summary>
    public override string ToString() => $"{Name} {Dtype} [{string.Join(',', Shape)}]";
}
