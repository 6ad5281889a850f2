namespace AutogradCore.Interop;

/// <summary>The functions of NCCL's that are used here, as a library exports them. Those that came after 2.18 may be
/// null.</summary>
internal sealed unsafe class NcclFunctions
{
    public readonly delegate* unmanaged[Cdecl]<int*, NcclResult> GetVersion;
    public readonly delegate* unmanaged[Cdecl]<NcclResult, byte*> GetErrorString;
    public readonly delegate* unmanaged[Cdecl]<nint, byte*> GetLastError;

    public readonly delegate* unmanaged[Cdecl]<NcclUniqueId*, NcclResult> GetUniqueId;
    public readonly delegate* unmanaged[Cdecl]<nint*, int, NcclUniqueId, int, NcclResult> CommInitRank;
    public readonly delegate* unmanaged[Cdecl]<nint*, int, NcclUniqueId, int, NcclConfig*, NcclResult> CommInitRankConfig;
    public readonly delegate* unmanaged[Cdecl]<nint, int, int, nint*, NcclConfig*, NcclResult> CommSplit;
    public readonly delegate* unmanaged[Cdecl]<nint, NcclResult*, NcclResult> CommGetAsyncError;
    public readonly delegate* unmanaged[Cdecl]<nint, NcclResult> CommFinalize, CommDestroy, CommAbort;
    public readonly delegate* unmanaged[Cdecl]<nint, int*, NcclResult> CommCount, CommUserRank, CommCuDevice;

    public readonly delegate* unmanaged[Cdecl]<NcclResult> GroupStart, GroupEnd;
    public readonly delegate* unmanaged[Cdecl]<nint, nuint, NcclDataType, int, nint, nint, NcclResult> Send, Recv;
    public readonly delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, int, nint, nint, NcclResult>
        AllReduce, ReduceScatter, Broadcast;
    public readonly delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, nint, nint, NcclResult> AllGather;
    public readonly delegate* unmanaged[Cdecl]<int*, void*, NcclDataType, int, nint, NcclResult> RedOpCreatePreMulSum;
    public readonly delegate* unmanaged[Cdecl]<int, nint, NcclResult> RedOpDestroy;

    /// <summary>Since 2.19, like <see cref="CommDeregister"/>, <see cref="MemAlloc"/> and <see cref="MemFree"/>.</summary>
    public readonly delegate* unmanaged[Cdecl]<nint, nint, nuint, nint*, NcclResult> CommRegister;
    public readonly delegate* unmanaged[Cdecl]<nint, nint, NcclResult> CommDeregister;
    public readonly delegate* unmanaged[Cdecl]<nint*, nuint, NcclResult> MemAlloc;
    public readonly delegate* unmanaged[Cdecl]<nint, NcclResult> MemFree;

    /// <summary>Since 2.28.</summary>
    public readonly delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, nint, nint, NcclResult> AllToAll;

    private readonly List<string> _missing = [];

    /// <summary>Asks for every function by name; an answer of 0 says that there is none.</summary>
    public NcclFunctions(Func<string, nint> symbol)
    {
        nint Needed(string name)
        {
            nint function = symbol(name);
            if (function == 0) _missing.Add(name);
            return function;
        }
        GetVersion = (delegate* unmanaged[Cdecl]<int*, NcclResult>)Needed("ncclGetVersion");
        GetErrorString = (delegate* unmanaged[Cdecl]<NcclResult, byte*>)Needed("ncclGetErrorString");
        GetLastError = (delegate* unmanaged[Cdecl]<nint, byte*>)Needed("ncclGetLastError");
        GetUniqueId = (delegate* unmanaged[Cdecl]<NcclUniqueId*, NcclResult>)Needed("ncclGetUniqueId");
        CommInitRank = (delegate* unmanaged[Cdecl]<nint*, int, NcclUniqueId, int, NcclResult>)Needed("ncclCommInitRank");
        CommInitRankConfig = (delegate* unmanaged[Cdecl]<nint*, int, NcclUniqueId, int, NcclConfig*, NcclResult>)
            Needed("ncclCommInitRankConfig");
        CommSplit = (delegate* unmanaged[Cdecl]<nint, int, int, nint*, NcclConfig*, NcclResult>)Needed("ncclCommSplit");
        CommGetAsyncError = (delegate* unmanaged[Cdecl]<nint, NcclResult*, NcclResult>)Needed("ncclCommGetAsyncError");
        CommFinalize = (delegate* unmanaged[Cdecl]<nint, NcclResult>)Needed("ncclCommFinalize");
        CommDestroy = (delegate* unmanaged[Cdecl]<nint, NcclResult>)Needed("ncclCommDestroy");
        CommAbort = (delegate* unmanaged[Cdecl]<nint, NcclResult>)Needed("ncclCommAbort");
        CommCount = (delegate* unmanaged[Cdecl]<nint, int*, NcclResult>)Needed("ncclCommCount");
        CommUserRank = (delegate* unmanaged[Cdecl]<nint, int*, NcclResult>)Needed("ncclCommUserRank");
        CommCuDevice = (delegate* unmanaged[Cdecl]<nint, int*, NcclResult>)Needed("ncclCommCuDevice");
        GroupStart = (delegate* unmanaged[Cdecl]<NcclResult>)Needed("ncclGroupStart");
        GroupEnd = (delegate* unmanaged[Cdecl]<NcclResult>)Needed("ncclGroupEnd");
        Send = (delegate* unmanaged[Cdecl]<nint, nuint, NcclDataType, int, nint, nint, NcclResult>)Needed("ncclSend");
        Recv = (delegate* unmanaged[Cdecl]<nint, nuint, NcclDataType, int, nint, nint, NcclResult>)Needed("ncclRecv");
        AllReduce = (delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, int, nint, nint, NcclResult>)
            Needed("ncclAllReduce");
        ReduceScatter = (delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, int, nint, nint, NcclResult>)
            Needed("ncclReduceScatter");
        Broadcast = (delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, int, nint, nint, NcclResult>)
            Needed("ncclBroadcast");
        AllGather = (delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, nint, nint, NcclResult>)Needed("ncclAllGather");
        RedOpCreatePreMulSum = (delegate* unmanaged[Cdecl]<int*, void*, NcclDataType, int, nint, NcclResult>)
            Needed("ncclRedOpCreatePreMulSum");
        RedOpDestroy = (delegate* unmanaged[Cdecl]<int, nint, NcclResult>)Needed("ncclRedOpDestroy");
        CommRegister = (delegate* unmanaged[Cdecl]<nint, nint, nuint, nint*, NcclResult>)symbol("ncclCommRegister");
        CommDeregister = (delegate* unmanaged[Cdecl]<nint, nint, NcclResult>)symbol("ncclCommDeregister");
        MemAlloc = (delegate* unmanaged[Cdecl]<nint*, nuint, NcclResult>)symbol("ncclMemAlloc");
        MemFree = (delegate* unmanaged[Cdecl]<nint, NcclResult>)symbol("ncclMemFree");
        AllToAll = (delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, nint, nint, NcclResult>)symbol("ncclAlltoAll");
    }

    /// <summary>Functions that every NCCL since 2.18 has, and this library has not.</summary>
    public IReadOnlyList<string> Missing => _missing;

    /// <summary>Whether memory can be registered, and allocated by NCCL: since 2.19.</summary>
    public bool HasMemory => CommRegister != null && CommDeregister != null && MemAlloc != null && MemFree != null;
}
