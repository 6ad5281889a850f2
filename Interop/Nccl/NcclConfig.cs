using System.Runtime.InteropServices;

namespace AutogradCore.Interop;

/// <summary>Wishes for a communicator: <c>ncclConfig_t</c> as of NCCL 2.30.7.</summary>
/// <remarks>The layout has only ever grown, and a library reads no more than it knows: this one serves every NCCL since 2.14.
/// What is not wished for must say so; 0 would be a wish.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal struct NcclConfig
{
    private const int Undefined = int.MinValue;

    public nuint Size;
    public uint Magic;
    public uint Version;
    public int Blocking;
    public int CgaClusterSize;
    public int MinCtas;
    public int MaxCtas;
    public nint NetName;
    public int SplitShare;
    public int TrafficClass;
    public nint CommName;
    public int CollnetEnable;
    public int CtaPolicy;
    public int ShrinkShare;
    public int NvlsCtas;
    public int ChannelsPerNetPeer;
    public int NvlinkCentricSched;
    public int GraphUsageMode;
    public int NumRmaContexts;
    public int MaxPointToPointPeers;
    public int GraphStreamOrdering;

    /// <summary>No wish but that calls return before they are done, so that a communicator can be aborted at any time.</summary>
    public static unsafe NcclConfig NonBlocking => new()
    {
        Size = (nuint)sizeof(NcclConfig),
        Magic = 0xcafebeef,
        Version = 23007,
        Blocking = 0,
        CgaClusterSize = Undefined,
        MinCtas = Undefined,
        MaxCtas = Undefined,
        SplitShare = Undefined,
        TrafficClass = Undefined,
        CollnetEnable = Undefined,
        CtaPolicy = Undefined,
        ShrinkShare = Undefined,
        NvlsCtas = Undefined,
        ChannelsPerNetPeer = Undefined,
        NvlinkCentricSched = Undefined,
        GraphUsageMode = Undefined,
        NumRmaContexts = Undefined,
        MaxPointToPointPeers = Undefined,
        GraphStreamOrdering = Undefined,
    };
}
