namespace AutogradCore.Interop;

/// <summary>The library, memory, and how communicators begin.</summary>
public sealed partial class NcclSelfTest
{
    private const long LargeBytes = 16 << 20; // more than NCCL's buffers of 4 MiB, which could hide an order that deadlocks
    private const int GuardBytes = 64;

    private void Begin()
    {
        Alone("version", null, () => $"{_library.Version}, {_library.Path}");
        Alone("device memory", null, () =>
        {
            _from = _device.Allocate(LargeBytes + GuardBytes);
            _to = _device.Allocate(LargeBytes + GuardBytes);
            byte[] noise = NcclNumbers.Noise(LargeBytes + GuardBytes);
            _device.Upload(noise, _to);
            byte[] got = new byte[noise.Length];
            _device.Download(_to, got);
            Compare(NcclDataType.UInt8, noise, got, guard: 0, "what was uploaded");
            _noMemory = null;
            return $"2 x {LargeBytes >> 20} MiB, stream 0x{_device.Stream:x}";
        });
        Alone("unique id", null, () =>
        {
            NcclUniqueId first = _nccl.CreateUniqueId(), second = _nccl.CreateUniqueId();
            return !((ReadOnlySpan<byte>)first).SequenceEqual(second)
                ? $"{NcclUniqueId.Bytes} bytes, another each time"
                : throw new NumbersException("Two ids are the same.");
        });
        Alone("blocking communicator", _noMemory, () =>
        {
            using NcclCommunicator own = Join(blocking: true);
            string who = Who(own);
            AllReduced(own, NcclDataType.Float32, NcclReduction.Sum);
            own.Finish(_runner.Left);
            own.Destroy();
            return $"{who}; joined, reduced, finalized, destroyed";
        });
        Alone("refused argument", _noMemory, () =>
        {
            using NcclCommunicator own = Join(blocking: true);
            string said = Refused(own);
            AllReduced(own, NcclDataType.Float32, NcclReduction.Sum); // the one error after which a communicator works on
            own.Finish(_runner.Left);
            own.Destroy();
            return said;
        });
        Alone("non-blocking communicator", null, () =>
        {
            NcclCommunicator joined = Join(blocking: false);
            try
            {
                joined.WaitUntilReady(_runner.Left);
                string who = Who(joined);
                (_main, _noMain) = (joined, null);
                return who;
            }
            catch
            {
                joined.Dispose();
                throw;
            }
        });
        if (_main is null) _noMain = "there is no non-blocking communicator";
    }

    private static string Who(NcclCommunicator of)
    {
        (int rank, int ranks, int device) = (of.Rank, of.Ranks, of.Device);
        return (rank, ranks) == (0, 1)
            ? $"rank 0 of 1 on CUDA device {device}"
            : throw new NumbersException($"The communicator says that this is rank {rank} of {ranks}, not 0 of 1.");
    }

    private string Refused(NcclCommunicator by)
    {
        try
        {
            by.Broadcast(_from, _to, 1, NcclDataType.Int32, root: 7, _device.Stream);
        }
        catch (NcclException error) when (error.Result == NcclResult.InvalidArgument)
        {
            return $"root 7 of 1 rank: {error.Message.Split('\n')[0].TrimEnd()}";
        }
        throw new NumbersException("A broadcast from rank 7 of 1 was taken.");
    }
}
