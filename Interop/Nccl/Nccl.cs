namespace AutogradCore.Interop;

/// <summary>NCCL on one device.</summary>
/// <param name="library">The library.</param>
/// <param name="makeCurrent">Makes the device's context the thread's. NCCL changes it as it likes, so this is called after
/// each of its calls; and by the user before the first on a thread, since NCCL takes the thread's device.</param>
internal sealed unsafe class Nccl(NcclLibrary library, Action makeCurrent)
{
    public NcclLibrary Library => library;

    private NcclFunctions Calls => library.Functions;

    /// <summary>A new id, for one communicator.</summary>
    public NcclUniqueId CreateUniqueId()
    {
        NcclUniqueId id = default;
        Check("ncclGetUniqueId", Calls.GetUniqueId(&id));
        return id;
    }

    /// <summary>Joins a communicator as one of its ranks.</summary>
    /// <param name="id">The id that all ranks have of one of them.</param>
    /// <param name="ranks">How many there are.</param>
    /// <param name="rank">Which this is.</param>
    /// <param name="blocking">Whether to wait for the others here, for as long as it takes, and in later calls. Otherwise
    /// <see cref="NcclCommunicator.WaitUntilReady"/> comes next, and the communicator can be aborted at any time.</param>
    public NcclCommunicator Join(in NcclUniqueId id, int ranks, int rank, bool blocking)
    {
        NcclCommunicator joined = new(this);
        try
        {
            NcclConfig config = NcclConfig.NonBlocking;
            if (blocking) Check("ncclCommInitRank", Calls.CommInitRank(joined.Slot, ranks, id, rank));
            else Check("ncclCommInitRankConfig", Calls.CommInitRankConfig(joined.Slot, ranks, id, rank, &config));
            return joined;
        }
        catch
        {
            joined.Dispose();
            throw;
        }
    }

    /// <summary>Opens a group: calls on its members start together when it ends.</summary>
    public NcclGroup Group(params ReadOnlySpan<NcclCommunicator> members) => new(this, members);

    /// <summary>Device memory that NCCL can move without copying; needs 2.19.</summary>
    public nint Allocate(long bytes)
    {
        nint memory = 0;
        Check("ncclMemAlloc", Calls.MemAlloc(&memory, checked((nuint)bytes)));
        return memory;
    }

    /// <summary>Gives memory of <see cref="Allocate"/> back.</summary>
    public void Free(nint memory) => Check("ncclMemFree", Calls.MemFree(memory));

    /// <summary>Makes the device's context current again.</summary>
    public void MakeCurrent() => makeCurrent();

    /// <summary>After each call: makes the context current again, and throws what went wrong.</summary>
    public void Check(string function, NcclResult result, nint communicator = 0)
    {
        makeCurrent();
        if (result is not (NcclResult.Success or NcclResult.InProgress)) throw library.Error(function, result, communicator);
    }
}
