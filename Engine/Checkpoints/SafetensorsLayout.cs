namespace AutogradCore;

/// <summary>Facts of the safetensors format that its reader and its writer share.</summary>
/// <remarks>
/// The file is: 8 bytes, little-endian length of the header; the header, a JSON object padded with spaces; the data.
/// https://github.com/huggingface/safetensors
/// </remarks>
internal static class SafetensorsLayout
{
    /// <summary>Bytes before the header.</summary>
    public const int PrefixLength = 8;

    /// <summary>The longest header that the format's own library accepts.</summary>
    public const int MaxHeaderLength = 100_000_000;

    /// <summary>The reserved name of the string-to-string map.</summary>
    public const string MetadataName = "__metadata__";

    /// <summary>The known element types, for messages.</summary>
    public const string Dtypes = "F64, F32, F16, BF16, F8_E5M2, F8_E4M3, I64, I32, I16, I8, U64, U32, U16, U8, BOOL";

    /// <summary>Bytes per element, or 0 for an unknown type.</summary>
    public static int SizeOf(string dtype) => dtype switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "F8_E5M2" or "F8_E4M3" or "I8" or "U8" or "BOOL" => 1,
        _ => 0,
    };

    /// <summary>size · Π shape in bytes; false when an axis is negative or the product exceeds 2^63 - 1
    /// (whatever other axes are 0).</summary>
    public static bool TryByteLength(int size, ReadOnlySpan<long> shape, out long bytes)
    {
        bytes = size;
        foreach (long axis in shape)
        {
            if (axis < 0 || (axis != 0 && bytes > long.MaxValue / axis))
                return false;
            bytes *= axis;
        }
        return true;
    }
}
