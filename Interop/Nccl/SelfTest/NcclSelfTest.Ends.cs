namespace AutogradCore.Interop;

/// <summary>Children, registered memory, and the ways in which a communicator ends.</summary>
public sealed partial class NcclSelfTest
{
    private void Extras()
    {
        OnMain("split", null, main =>
        {
            using NcclCommunicator child = Opened(main.Split(color: 0, key: 0)!);
            main.WaitUntilReady(_runner.Left);
            child.WaitUntilReady(_runner.Left);
            string who = Who(child);
            SentToItself(child, NcclDataType.Float32, Count);
            child.Finish(_runner.Left);
            child.Destroy();
            main.Split(color: null, key: 0);
            main.WaitUntilReady(_runner.Left);
            return $"{who}; and none without a colour";
        });
        string? old = _library.Functions.HasMemory ? null : $"NCCL {_library.Version} cannot; 2.19 can";
        OnMain("registered memory", old, main =>
        {
            nint from = main.Register(_from, LargeBytes), to = main.Register(_to, LargeBytes);
            SentToItself(main, NcclDataType.Float32, Count);
            main.Deregister(from);
            main.Deregister(to);
            return $"2 x {LargeBytes >> 20} MiB";
        });
        OnMain("memory of NCCL's", old, main =>
        {
            byte[] numbers = NcclNumbers.Counting(NcclDataType.Float32, Count);
            nint between = _nccl.Allocate(numbers.Length);
            Moved(main, NcclDataType.Float32, numbers, numbers, (from, to) =>
            {
                main.Broadcast(from, between, Count, NcclDataType.Float32, root: 0, _device.Stream);
                main.WaitUntilReady(_runner.Left);
                main.Broadcast(between, to, Count, NcclDataType.Float32, root: 0, _device.Stream);
            });
            _nccl.Free(between);
            return "numbers went through it";
        });
    }

    private void Ends()
    {
        OnMain("no error in the background", null, main => main.AsyncError is var state and not NcclResult.Success
            ? throw new NumbersException($"After all of this the communicator says {state}.")
            : "none");
        OnMain("finalize", null, main =>
        {
            main.Finish(_runner.Left);
            return "flushed";
        });
        OnMain("destroy", null, main =>
        {
            main.Destroy();
            LoseMain("it is destroyed");
            return "freed";
        });
        Alone("abort", _noMemory, () =>
        {
            using NcclCommunicator own = Join(blocking: false);
            own.WaitUntilReady(_runner.Left);
            SentToItself(own, NcclDataType.Float32, Count);
            own.Abort();
            return "freed";
        });
        Alone("abort while joining", null, () =>
        {
            using NcclCommunicator own = Join(blocking: false);
            own.Abort();
            return "freed";
        });
    }
}
