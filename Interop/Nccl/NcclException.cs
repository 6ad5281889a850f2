namespace AutogradCore.Interop;

/// <summary>A call of NCCL's that failed.</summary>
public sealed class NcclException : AutogradException
{
    internal NcclException(string function, NcclResult result, string text)
        : base($"{function} gave {result} ({(int)result}): {text}", HintFor(result)) => (Function, Result) = (function, result);

    private NcclException(string function, TimeSpan limit)
        : base($"{function} is still in progress after {limit.TotalSeconds:0.##} s.", HintFor(NcclResult.InProgress))
        => (Function, Result) = (function, NcclResult.InProgress);

    /// <summary>The function, such as <c>ncclSend</c>.</summary>
    public string Function { get; }

    /// <summary>What it gave.</summary>
    public NcclResult Result { get; }

    /// <summary>A call that goes on in the background for longer than it may.</summary>
    internal static NcclException Late(string function, TimeSpan limit) => new(function, limit);

    private static string HintFor(NcclResult result) => result switch
    {
        NcclResult.UnhandledCudaError => "NCCL works in the device's primary context alone: memory and stream must be of it; "
            + "NCCL_DEBUG=INFO names the call that failed",
        NcclResult.SystemError => "NCCL_DEBUG=INFO names the call that failed; NCCL_SOCKET_IFNAME=lo keeps a single machine off "
            + "the network",
        NcclResult.InvalidArgument => "count, type, root and peer must be the same on all ranks, and inside the communicator",
        NcclResult.InvalidUsage => "every rank needs the same version of NCCL and a device of its own; a message to "
            + "oneself needs its receive in the same group",
        NcclResult.RemoteError or NcclResult.Timeout => "a peer is gone: abort, and go on from the last complete checkpoint",
        NcclResult.InProgress => "a rank may be missing; abort the communicator, or wait longer",
        _ => "NCCL_DEBUG=WARN says more; abort the communicator, nothing that it moves can be trusted",
    };
}
