namespace AutogradCore.Interop;

/// <summary>The element types of NCCL: <c>ncclDataType_t</c>.</summary>
internal enum NcclDataType
{
    Int8,
    UInt8,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Float16,
    Float32,
    Float64,
    BFloat16,

    /// <summary>Since 2.24.</summary>
    Float8E4M3,

    /// <summary>Since 2.24.</summary>
    Float8E5M2,
}

/// <summary>Facts about element types.</summary>
internal static class NcclDataTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this NcclDataType type) => type switch
    {
        NcclDataType.Int8 or NcclDataType.UInt8 or NcclDataType.Float8E4M3 or NcclDataType.Float8E5M2 => 1,
        NcclDataType.Float16 or NcclDataType.BFloat16 => 2,
        NcclDataType.Int32 or NcclDataType.UInt32 or NcclDataType.Float32 => 4,
        _ => 8,
    };

    /// <summary>Whether the type came with NCCL 2.24.</summary>
    public static bool IsFloat8(this NcclDataType type) => type is NcclDataType.Float8E4M3 or NcclDataType.Float8E5M2;
}
