namespace AutogradCore.Interop;

/// <summary>What moves data: queued on the stream; counts are elements.</summary>
internal sealed unsafe partial class NcclCommunicator
{
    private const int HostImmediate = 1; // ncclScalarHostImmediate: the scalar is read before the call returns

    /// <summary>Sends to a peer, in the order of its receives; to oneself only beside the receive in a group.</summary>
    public void Send(nint from, long count, NcclDataType type, int peer, nint stream)
    {
        using Use use = new(this);
        Check("ncclSend", Calls.Send(from, Count(count), type, peer, use.Communicator, stream), use);
    }

    /// <summary>Receives from a peer, in the order of its sends.</summary>
    public void Receive(nint to, long count, NcclDataType type, int peer, nint stream)
    {
        using Use use = new(this);
        Check("ncclRecv", Calls.Recv(to, Count(count), type, peer, use.Communicator, stream), use);
    }

    /// <summary>Every rank gets the reduction of all.</summary>
    public void AllReduce(nint from, nint to, long count, NcclDataType type, NcclReduction reduction, nint stream)
    {
        using Use use = new(this);
        Check("ncclAllReduce",
            Calls.AllReduce(from, to, Count(count), type, reduction.Value, use.Communicator, stream), use);
    }

    /// <summary>Every rank gets its part of the reduction of all: <paramref name="count"/> elements.</summary>
    public void ReduceScatter(nint from, nint to, long count, NcclDataType type, NcclReduction reduction, nint stream)
    {
        using Use use = new(this);
        Check("ncclReduceScatter",
            Calls.ReduceScatter(from, to, Count(count), type, reduction.Value, use.Communicator, stream), use);
    }

    /// <summary>Every rank gets what the root has.</summary>
    public void Broadcast(nint from, nint to, long count, NcclDataType type, int root, nint stream)
    {
        using Use use = new(this);
        Check("ncclBroadcast", Calls.Broadcast(from, to, Count(count), type, root, use.Communicator, stream), use);
    }

    /// <summary>Every rank gets what all have, <paramref name="count"/> elements of each.</summary>
    public void AllGather(nint from, nint to, long count, NcclDataType type, nint stream)
    {
        using Use use = new(this);
        Check("ncclAllGather", Calls.AllGather(from, to, Count(count), type, use.Communicator, stream), use);
    }

    /// <summary>Every rank sends <paramref name="count"/> elements to each; needs 2.28.</summary>
    public void AllToAll(nint from, nint to, long count, NcclDataType type, nint stream)
    {
        using Use use = new(this);
        Check("ncclAlltoAll", Calls.AllToAll(from, to, Count(count), type, use.Communicator, stream), use);
    }

    /// <summary>A sum of elements that are first multiplied by a scalar of their type.</summary>
    public NcclReduction CreatePreMulSum(ReadOnlySpan<byte> scalar, NcclDataType type)
    {
        if (scalar.Length != type.Size()) throw new ArgumentException($"A {type} has {type.Size()} bytes, not {scalar.Length}.");
        using Use use = new(this);
        int value;
        fixed (byte* first = scalar)
            Check("ncclRedOpCreatePreMulSum",
                Calls.RedOpCreatePreMulSum(&value, first, type, HostImmediate, use.Communicator), use);
        return new NcclReduction(value);
    }

    /// <summary>Gives back what <see cref="CreatePreMulSum"/> made.</summary>
    public void Release(NcclReduction reduction)
    {
        using Use use = new(this);
        Check("ncclRedOpDestroy", Calls.RedOpDestroy(reduction.Value, use.Communicator), use);
    }

    /// <summary>Lets NCCL move this memory without copying it where it can; needs 2.19.</summary>
    /// <returns>What <see cref="Deregister"/> takes.</returns>
    public nint Register(nint memory, long bytes)
    {
        using Use use = new(this);
        nint registration = 0;
        Check("ncclCommRegister", Calls.CommRegister(use.Communicator, memory, Count(bytes), &registration), use);
        return registration;
    }

    /// <summary>Undoes <see cref="Register"/>.</summary>
    public void Deregister(nint registration)
    {
        using Use use = new(this);
        Check("ncclCommDeregister", Calls.CommDeregister(use.Communicator, registration), use);
    }

    private static nuint Count(long count) => checked((nuint)count);

    private void Check(string function, NcclResult result, in Use use) => _nccl.Check(function, result, use.Communicator);
}
