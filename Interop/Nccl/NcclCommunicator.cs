using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AutogradCore.Interop;

/// <summary>A rank's end of a communicator: its life. One thread calls it at a time.</summary>
/// <remarks>
/// The way out is <see cref="Finish"/>, then <see cref="Destroy"/>; disposing it any earlier aborts it, which any thread may do:
/// where another is inside a call, the abort waits for that call to return. One that is forgotten leaks; no finalizer calls NCCL.
/// The handle is not the communicator but where NCCL writes it, which it does from a thread of its own, later than the call
/// returns: these eight bytes are never freed.
/// </remarks>
internal sealed unsafe partial class NcclCommunicator : SafeHandle
{
    private const int NoColor = -1;

    private readonly Nccl _nccl;
    private bool _isOrderly;
    private NcclResult _release;

    /// <summary>An empty one, to be filled through <see cref="Slot"/>.</summary>
    public NcclCommunicator(Nccl nccl) : base(0, ownsHandle: true)
    {
        _nccl = nccl;
        SetHandle((nint)NativeMemory.AllocZeroed((nuint)sizeof(nint)));
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Where NCCL writes the communicator.</summary>
    internal nint* Slot => (nint*)handle;

    private NcclFunctions Calls => _nccl.Library.Functions;

    /// <summary>How many ranks there are.</summary>
    public int Ranks => Number("ncclCommCount", Calls.CommCount);

    /// <summary>Which of them this is.</summary>
    public int Rank => Number("ncclCommUserRank", Calls.CommUserRank);

    /// <summary>The number of the CUDA device.</summary>
    public int Device => Number("ncclCommCuDevice", Calls.CommCuDevice);

    /// <summary>How the communicator is: well, busy with the last non-blocking call, or what went wrong in the
    /// background.</summary>
    public NcclResult AsyncError
    {
        get
        {
            using Use use = new(this);
            NcclResult state;
            _nccl.Check("ncclCommGetAsyncError", Calls.CommGetAsyncError(use.Communicator, &state), use.Communicator);
            return state;
        }
    }

    /// <summary>Waits until the last non-blocking call is done. No call may come before, nor a wait for the stream.</summary>
    /// <exception cref="NcclException">It failed, or it takes longer than <paramref name="limit"/>.</exception>
    public void WaitUntilReady(TimeSpan limit) => WaitFor("the last call", limit);

    /// <summary>Flushes what was issued, and lets go of the peers: every rank does, or it lasts as long as
    /// <paramref name="limit"/>. What remains is <see cref="Destroy"/>.</summary>
    public void Finish(TimeSpan limit)
    {
        using (Use use = new(this))
            _nccl.Check("ncclCommFinalize", Calls.CommFinalize(use.Communicator), use.Communicator);
        WaitFor("ncclCommFinalize", limit);
    }

    /// <summary>Frees the communicator in order.</summary>
    public void Destroy()
    {
        _isOrderly = true;
        Dispose();
        _nccl.Check("ncclCommDestroy", _release);
    }

    /// <summary>Stops what is under way, on the device too, and frees the communicator. Peers are left to their own.</summary>
    public void Abort()
    {
        Dispose();
        _nccl.Check("ncclCommAbort", _release);
    }

    /// <summary>Divides the ranks into new communicators by colour, ordered by key. All ranks do this.</summary>
    /// <returns>The one of this rank's colour, there once this communicator is ready; null for no colour.</returns>
    public NcclCommunicator? Split(int? color, int key)
    {
        NcclCommunicator child = new(_nccl);
        using Use use = new(this);
        _nccl.Check("ncclCommSplit",
            Calls.CommSplit(use.Communicator, color ?? NoColor, key, child.Slot, null), use.Communicator);
        return color is null ? null : child;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        nint communicator = Volatile.Read(ref *Slot);
        if (communicator == 0) return true;
        _release = _isOrderly ? Calls.CommDestroy(communicator) : Calls.CommAbort(communicator);
        _nccl.MakeCurrent();
        return _release == NcclResult.Success;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) base.Dispose(disposing);
    }

    private void WaitFor(string what, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        SpinWait spin = default;
        for (NcclResult state; (state = AsyncError) != NcclResult.Success; spin.SpinOnce())
        {
            if (state != NcclResult.InProgress)
            {
                using Use use = new(this);
                throw _nccl.Library.Error(what, state, use.Communicator);
            }
            if (Stopwatch.GetElapsedTime(start) > limit) throw NcclException.Late(what, limit);
        }
    }

    private int Number(string function, delegate* unmanaged[Cdecl]<nint, int*, NcclResult> call)
    {
        using Use use = new(this);
        int number;
        _nccl.Check(function, call(use.Communicator, &number), use.Communicator);
        return number;
    }

    /// <summary>Keeps the communicator alive during a call.</summary>
    private readonly ref struct Use
    {
        private readonly NcclCommunicator _owner;

        public Use(NcclCommunicator owner)
        {
            bool added = false;
            owner.DangerousAddRef(ref added);
            _owner = owner;
            Communicator = Volatile.Read(ref *owner.Slot);
        }

        public nint Communicator { get; }

        public void Dispose() => _owner.DangerousRelease();
    }
}
