using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AutogradCore.Interop;

namespace AutogradCore.Tests.Interop;

/// <summary>The functions as a native library exports them.</summary>
internal sealed unsafe partial class FakeNccl
{
    [ThreadStatic]
    private static FakeNccl? s_here;

    private static FakeNccl Here =>
        s_here ?? throw new InvalidOperationException("NCCL was called before its device was current.");

    /// <summary>All names.</summary>
    public static IReadOnlyCollection<string> Names => Table.Keys;

    private static Dictionary<string, nint> Table { get; } = new()
    {
        ["ncclGetVersion"] = (nint)(delegate* unmanaged[Cdecl]<int*, NcclResult>)&GetVersion,
        ["ncclGetErrorString"] = (nint)(delegate* unmanaged[Cdecl]<NcclResult, nint>)&GetErrorString,
        ["ncclGetLastError"] = (nint)(delegate* unmanaged[Cdecl]<nint, nint>)&GetLastError,
        ["ncclGetUniqueId"] = (nint)(delegate* unmanaged[Cdecl]<NcclUniqueId*, NcclResult>)&GetUniqueId,
        ["ncclCommInitRank"] = (nint)(delegate* unmanaged[Cdecl]<nint*, int, NcclUniqueId, int, NcclResult>)&InitRank,
        ["ncclCommInitRankConfig"] =
            (nint)(delegate* unmanaged[Cdecl]<nint*, int, NcclUniqueId, int, NcclConfig*, NcclResult>)&InitRankConfig,
        ["ncclCommSplit"] = (nint)(delegate* unmanaged[Cdecl]<nint, int, int, nint*, NcclConfig*, NcclResult>)&CommSplit,
        ["ncclCommGetAsyncError"] = (nint)(delegate* unmanaged[Cdecl]<nint, NcclResult*, NcclResult>)&CommGetAsyncError,
        ["ncclCommFinalize"] = (nint)(delegate* unmanaged[Cdecl]<nint, NcclResult>)&CommFinalize,
        ["ncclCommDestroy"] = (nint)(delegate* unmanaged[Cdecl]<nint, NcclResult>)&CommDestroy,
        ["ncclCommAbort"] = (nint)(delegate* unmanaged[Cdecl]<nint, NcclResult>)&CommAbort,
        ["ncclCommCount"] = (nint)(delegate* unmanaged[Cdecl]<nint, int*, NcclResult>)&CommCount,
        ["ncclCommUserRank"] = (nint)(delegate* unmanaged[Cdecl]<nint, int*, NcclResult>)&CommUserRank,
        ["ncclCommCuDevice"] = (nint)(delegate* unmanaged[Cdecl]<nint, int*, NcclResult>)&CommCuDevice,
        ["ncclGroupStart"] = (nint)(delegate* unmanaged[Cdecl]<NcclResult>)&GroupStart,
        ["ncclGroupEnd"] = (nint)(delegate* unmanaged[Cdecl]<NcclResult>)&EndGroup,
        ["ncclSend"] = (nint)(delegate* unmanaged[Cdecl]<nint, nuint, NcclDataType, int, nint, nint, NcclResult>)&Send,
        ["ncclRecv"] = (nint)(delegate* unmanaged[Cdecl]<nint, nuint, NcclDataType, int, nint, nint, NcclResult>)&Recv,
        ["ncclAllReduce"] =
            (nint)(delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, int, nint, nint, NcclResult>)&AllReduce,
        ["ncclReduceScatter"] =
            (nint)(delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, int, nint, nint, NcclResult>)&ReduceScatter,
        ["ncclBroadcast"] =
            (nint)(delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, int, nint, nint, NcclResult>)&Broadcast,
        ["ncclAllGather"] =
            (nint)(delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, nint, nint, NcclResult>)&AllGather,
        ["ncclAlltoAll"] = (nint)(delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, nint, nint, NcclResult>)&AllToAll,
        ["ncclRedOpCreatePreMulSum"] =
            (nint)(delegate* unmanaged[Cdecl]<int*, byte*, NcclDataType, int, nint, NcclResult>)&CreatePreMulSum,
        ["ncclRedOpDestroy"] = (nint)(delegate* unmanaged[Cdecl]<int, nint, NcclResult>)&RedOpDestroy,
        ["ncclCommRegister"] = (nint)(delegate* unmanaged[Cdecl]<nint, nint, nuint, nint*, NcclResult>)&CommRegister,
        ["ncclCommDeregister"] = (nint)(delegate* unmanaged[Cdecl]<nint, nint, NcclResult>)&CommDeregister,
        ["ncclMemAlloc"] = (nint)(delegate* unmanaged[Cdecl]<nint*, nuint, NcclResult>)&MemAlloc,
        ["ncclMemFree"] = (nint)(delegate* unmanaged[Cdecl]<nint, NcclResult>)&MemFree,
    };

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult GetVersion(int* version)
    {
        *version = Here.Version;
        return Here.Errors.GetValueOrDefault("ncclGetVersion");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint GetErrorString(NcclResult result) => Here._text;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint GetLastError(nint comm) => Here._text;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult GetUniqueId(NcclUniqueId* id) => Here.Call("ncclGetUniqueId", () =>
    {
        (*id)[0] = ++Here._ids;
        (*id)[1] = 0xEE;
        (*id)[127] = 0x77;
        return NcclResult.Success;
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult InitRank(nint* slot, int ranks, NcclUniqueId id, int rank) =>
        Here.Init("ncclCommInitRank", slot, ranks, id, rank, blocking: true);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult InitRankConfig(nint* slot, int ranks, NcclUniqueId id, int rank, NcclConfig* config) =>
        config->Size == 96 && config->Magic == 0xcafebeef && config->MinCtas == int.MinValue
            ? Here.Init("ncclCommInitRankConfig", slot, ranks, id, rank, config->Blocking != 0)
            : NcclResult.InvalidArgument;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult CommSplit(nint comm, int color, int key, nint* slot, NcclConfig* config) =>
        Here.Split(comm, color, key, slot, config);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult CommGetAsyncError(nint comm, NcclResult* state) => Here.GetAsyncError(comm, state);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult CommFinalize(nint comm) => Here.On("ncclCommFinalize", comm,
        c => Here.Finish("ncclCommFinalize", c, () => c.IsFinalized = true));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult CommDestroy(nint comm) => Here.Release("ncclCommDestroy", comm);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult CommAbort(nint comm) => Here.Release("ncclCommAbort", comm);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult CommCount(nint comm, int* number) => Here.Number("ncclCommCount", comm, number, 1);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult CommUserRank(nint comm, int* number) => Here.Number("ncclCommUserRank", comm, number, 0);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult CommCuDevice(nint comm, int* number) => Here.Number("ncclCommCuDevice", comm, number, 3);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult GroupStart() => Here.Call("ncclGroupStart", () =>
    {
        Here._depth++;
        return NcclResult.Success;
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult EndGroup() => Here.GroupEnd();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult Send(nint at, nuint count, NcclDataType type, int peer, nint comm, nint stream) =>
        Here.Message("ncclSend", at, count, type, peer, comm, stream);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult Recv(nint at, nuint count, NcclDataType type, int peer, nint comm, nint stream) =>
        Here.Message("ncclRecv", at, count, type, peer, comm, stream);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult AllReduce(
        nint from, nint to, nuint count, NcclDataType type, int reduction, nint comm, nint stream) =>
        Here.Collective("ncclAllReduce", from, to, count, type, reduction, comm, stream);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult ReduceScatter(
        nint from, nint to, nuint count, NcclDataType type, int reduction, nint comm, nint stream) =>
        Here.Collective("ncclReduceScatter", from, to, count, type, reduction, comm, stream);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult Broadcast(nint from, nint to, nuint count, NcclDataType type, int root, nint comm, nint stream) =>
        root == 0
            ? Here.Collective("ncclBroadcast", from, to, count, type, 0, comm, stream)
            : Here.On("ncclBroadcast", comm, _ => NcclResult.InvalidArgument);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult AllGather(nint from, nint to, nuint count, NcclDataType type, nint comm, nint stream) =>
        Here.Collective("ncclAllGather", from, to, count, type, 0, comm, stream);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult AllToAll(nint from, nint to, nuint count, NcclDataType type, nint comm, nint stream) =>
        Here.Collective("ncclAlltoAll", from, to, count, type, 0, comm, stream);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult CreatePreMulSum(int* op, byte* scalar, NcclDataType type, int residence, nint comm) =>
        Here.On("ncclRedOpCreatePreMulSum", comm, _ =>
        {
            if (residence != 1 || !FakeNumbers.IsThree(type, new(scalar, type.Size()))) return NcclResult.InvalidArgument;
            *op = 5 + Here._reductions.Count;
            Here._reductions[*op] = (type, 3);
            return NcclResult.Success;
        });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult RedOpDestroy(int op, nint comm) => Here.On("ncclRedOpDestroy", comm,
        _ => Here._reductions.Remove(op) ? NcclResult.Success : NcclResult.InvalidArgument);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult CommRegister(nint comm, nint memory, nuint bytes, nint* registration) =>
        Here.On("ncclCommRegister", comm, _ =>
        {
            *registration = memory + 1;
            return bytes > 0 ? NcclResult.Success : NcclResult.InvalidArgument;
        });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult CommDeregister(nint comm, nint registration) => Here.On("ncclCommDeregister", comm,
        _ => registration % 2 == 1 ? NcclResult.Success : NcclResult.InvalidArgument);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult MemAlloc(nint* memory, nuint bytes) => Here.Call("ncclMemAlloc", () =>
    {
        *memory = (nint)NativeMemory.Alloc(bytes);
        return NcclResult.Success;
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NcclResult MemFree(nint memory) => Here.Call("ncclMemFree", () =>
    {
        NativeMemory.Free((void*)memory);
        return NcclResult.Success;
    });

    private NcclResult Number(string name, nint comm, int* number, int value) => On(name, comm, _ =>
    {
        *number = value;
        return NcclResult.Success;
    });
}
