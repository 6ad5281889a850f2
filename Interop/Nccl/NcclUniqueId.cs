using System.Runtime.CompilerServices;

namespace AutogradCore.Interop;

/// <summary>What ranks need to find each other: 128 bytes, made by one of them, for one communicator.</summary>
/// <remarks>NCCL takes it by value.</remarks>
[InlineArray(Bytes)]
internal struct NcclUniqueId
{
    public const int Bytes = 128;

    private byte _first;
}
