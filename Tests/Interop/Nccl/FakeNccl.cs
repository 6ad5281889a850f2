using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using AutogradCore.Interop;

namespace AutogradCore.Tests.Interop;

/// <summary>A library of one rank that moves host memory, with NCCL's rules, and with faults to order.</summary>
/// <remarks>What is asked for happens as late as it may: groups start when they end, non-blocking calls are done after three
/// questions, and the stream is worked through when the device is waited for.</remarks>
internal sealed unsafe partial class FakeNccl
{
    private const int Questions = 3;
    private readonly Dictionary<nint, Comm> _comms = [];
    private readonly Dictionary<int, (NcclDataType Type, long Scalar)> _reductions = [];
    private readonly Queue<System.Action> _stream = new();
    private readonly List<(bool Sends, nint At, int Bytes, Comm On)> _group = [];
    private readonly nint _text = Marshal.StringToCoTaskMemUTF8("the fake says no");
    private int _depth;
    private nint _next = 0x1000;
    private byte _ids;

    /// <summary>Every function that was called, in order.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Rules of NCCL's that the caller broke.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>Communicators that nobody has destroyed or aborted.</summary>
    public int Alive => _comms.Count;

    public int Version { get; set; } = 23007;

    /// <summary>Functions that are not exported.</summary>
    public HashSet<string> Missing { get; } = [];

    /// <summary>What functions return at once.</summary>
    public Dictionary<string, NcclResult> Errors { get; } = [];

    /// <summary>What functions leave in the background, InProgress for ever included.</summary>
    public Dictionary<string, NcclResult> AsyncErrors { get; } = [];

    /// <summary>A function whose numbers are wrong, and which byte, counted from the start.</summary>
    public (string Function, int Byte)? Corrupts { get; set; }

    /// <summary>A function that does not return before <see cref="Released"/>.</summary>
    public string? Hangs { get; set; }

    public ManualResetEventSlim Hanging { get; } = new();

    public ManualResetEventSlim Released { get; } = new();

    /// <summary>Set when a communicator is aborted: work on the device then ends.</summary>
    public ManualResetEventSlim Aborted { get; } = new();

    public NcclLibrary Library => NcclLibrary.TryBind("fake", Symbol, out NcclLibrary? library, out string? reason)
        ? library
        : throw new InvalidOperationException(reason);

    /// <summary>The address of a function, or 0.</summary>
    public nint Symbol(string name)
    {
        Enter();
        return Missing.Contains(name) ? 0 : Table.GetValueOrDefault(name);
    }

    /// <summary>Makes this the library of the calling thread.</summary>
    public void Enter() => s_here = this;

    /// <summary>What the device has to do before it is idle.</summary>
    public void Drain()
    {
        while (_stream.TryDequeue(out System.Action? work)) work();
    }

    private sealed class Comm
    {
        public required bool IsBlocking { get; init; }

        public NcclResult State { get; set; }

        public bool IsFinalized { get; set; }

        /// <summary>Questions until the last call is done, and what happens then.</summary>
        public int Pending { get; set; }

        public List<System.Action> Later { get; } = [];
    }

    /// <summary>Every function that works in a context comes through here.</summary>
    private NcclResult Call(string name, Func<NcclResult> body)
    {
        Calls.Enqueue(name);
        if (!FakeNcclDevice.IsCurrent) Violations.Enqueue($"{name}: the context is not current");
        FakeNcclDevice.IsCurrent = false;
        if (Hangs == name)
        {
            Hanging.Set();
            Released.Wait();
            return NcclResult.InternalError;
        }
        return Errors.TryGetValue(name, out NcclResult error) ? error : body();
    }

    private NcclResult On(string name, nint handle, Func<Comm, NcclResult> body) => Call(name, () =>
    {
        if (!_comms.TryGetValue(handle, out Comm? comm))
        {
            if (handle != 0) Violations.Enqueue($"{name}: no such communicator");
            return NcclResult.InvalidArgument;
        }
        if (comm.Pending > 0 || comm.State == NcclResult.InProgress)
        {
            Violations.Enqueue($"{name}: the call before is not done");
            return NcclResult.InvalidArgument;
        }
        if (comm.IsFinalized) return NcclResult.InvalidUsage;
        return comm.State != NcclResult.Success ? comm.State : body(comm);
    });

    /// <summary>Does the work now, or after some questions.</summary>
    private NcclResult Finish(string name, Comm comm, System.Action work)
    {
        if (comm.IsBlocking)
        {
            work();
            return NcclResult.Success;
        }
        comm.Later.Add(work);
        comm.Pending = Questions;
        comm.State = AsyncErrors.GetValueOrDefault(name);
        return NcclResult.InProgress;
    }

    private NcclResult Init(string name, nint* slot, int ranks, NcclUniqueId id, int rank, bool blocking) => Call(name, () =>
    {
        if (ranks != 1 || rank != 0 || id[0] == 0 || id[1] != 0xEE || id[127] != 0x77) return NcclResult.InvalidArgument;
        nint handle = _next++;
        *slot = handle;
        Comm comm = _comms[handle] = new Comm { IsBlocking = blocking };
        return Finish(name, comm, () => *slot = handle);
    });

    private NcclResult Split(nint parent, int color, int key, nint* slot, NcclConfig* config) =>
        On("ncclCommSplit", parent, comm =>
        {
            if (config != null || key != 0 || color is not (0 or -1)) return NcclResult.InvalidArgument;
            *slot = 0;
            return Finish("ncclCommSplit", comm, () =>
            {
                if (color < 0) return;
                _comms[_next] = new Comm { IsBlocking = comm.IsBlocking };
                *slot = _next++;
            });
        });

    private NcclResult GetAsyncError(nint handle, NcclResult* state) => Call("ncclCommGetAsyncError", () =>
    {
        if (!_comms.TryGetValue(handle, out Comm? comm)) return NcclResult.InvalidArgument;
        if (comm.Pending > 0 && --comm.Pending == 0 && comm.State == NcclResult.Success)
        {
            foreach (System.Action work in comm.Later) work();
            comm.Later.Clear();
        }
        *state = comm.Pending > 0 ? NcclResult.InProgress : comm.State;
        return NcclResult.Success;
    });

    private NcclResult Release(string name, nint handle) => Call(name, () =>
    {
        if (!_comms.Remove(handle)) Violations.Enqueue($"{name}: no such communicator");
        if (name == "ncclCommAbort") Aborted.Set();
        return NcclResult.Success;
    });

    private NcclResult GroupEnd()
    {
        return Call("ncclGroupEnd", () =>
        {
            if (--_depth > 0) return NcclResult.Success;
            var sends = _group.Where(g => g.Sends).ToArray();
            var receives = _group.Where(g => !g.Sends).ToArray();
            _group.Clear();
            if (sends.Length != receives.Length) return NcclResult.InvalidUsage;
            NcclResult result = NcclResult.Success;
            foreach (var ((_, from, bytes, comm), (_, to, size, _)) in sends.Zip(receives))
            {
                if (bytes != size) return NcclResult.InvalidUsage;
                result = Finish("ncclGroupEnd", comm, () => Copy("ncclSend", from, to, bytes));
            }
            return result;
        });
    }

    private NcclResult Message(string name, nint at, nuint count, NcclDataType type, int peer, nint handle, nint stream) =>
        On(name, handle, comm =>
        {
            if (_depth == 0 || stream != FakeNcclDevice.TheStream) return NcclResult.InvalidUsage;
            if (peer != 0) return NcclResult.InvalidArgument;
            _group.Add((name == "ncclSend", at, (int)count * type.Size(), comm));
            return NcclResult.Success;
        });

    private NcclResult Collective(string name, nint from, nint to, nuint count, NcclDataType type, int reduction, nint handle,
        nint stream) => On(name, handle, comm =>
    {
        if (stream != FakeNcclDevice.TheStream) return NcclResult.InvalidUsage;
        if (reduction > 4 && !_reductions.ContainsKey(reduction)) return NcclResult.InvalidArgument;
        long scale = 1;
        if (reduction > 4)
        {
            (NcclDataType of, scale) = _reductions[reduction];
            if (of != type) return NcclResult.InvalidArgument;
        }
        return Finish(name, comm, () => Copy(name, from, to, (int)count * type.Size(), scale == 1 ? null : type));
    });

    /// <summary>Puts a copy on the stream; with a type, of tripled numbers.</summary>
    private void Copy(string name, nint from, nint to, int bytes, NcclDataType? tripled = null) => _stream.Enqueue(() =>
    {
        Span<byte> result = new((void*)to, bytes);
        new ReadOnlySpan<byte>((void*)from, bytes).CopyTo(result);
        if (tripled is { } type) FakeNumbers.Triple(type, result);
        if (Corrupts is var (function, at) && function == name) *((byte*)to + at) += 0x10;
    });
}
