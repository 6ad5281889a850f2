namespace AutogradCore.Interop;

/// <summary>What one device alone can show of NCCL: a communicator of one rank, everything that runs on it, and its
/// ends.</summary>
/// <remarks>Shown are the library, the binding, the context and the stream, and that nothing hangs. Not shown: any link between
/// devices, and the arithmetic of reductions, which NCCL turns into copies when there is one rank.</remarks>
public sealed partial class NcclSelfTest
{
    private readonly NcclLibrary _library;
    private readonly INcclDevice _device;
    private readonly Nccl _nccl;
    private readonly CheckRunner _runner;
    private readonly List<NcclCommunicator> _opened = [];

    private NcclCommunicator? _main; // non-blocking; most checks use it
    private string? _noMain = "there is no communicator yet";
    private string? _noMemory = "there is no device memory yet";
    private nint _from, _to;

    private NcclSelfTest(NcclLibrary library, INcclDevice device, NcclSelfTestOptions options)
    {
        (_library, _device) = (library, device);
        _nccl = new Nccl(library, device.MakeCurrent);
        _runner = new CheckRunner(options, device.MakeCurrent, AbortAll);
    }

    /// <summary>Runs every check. Nothing throws, and each check ends within its deadline, or the run does.</summary>
    public static NcclReport Run(NcclLibrary library, INcclDevice device, NcclSelfTestOptions? options = null)
    {
        NcclSelfTest test = new(library, device, options ?? new NcclSelfTestOptions());
        test.Begin();
        test.Transfers();
        test.Reductions();
        test.Extras();
        test.Ends();
        test._runner.Tidy("clean-up", test.FreeMemory);
        return new NcclReport(library.Path, library.Version, test._runner.Checks, test._runner.Stuck);
    }

    /// <summary>A check with communicators of its own, or none.</summary>
    private void Alone(string name, string? skip, Func<string> body) => _runner.Run(name, skip, body);

    /// <summary>A check on the communicator that most share. If it fails, the others go on, unless the communicator is
    /// lost.</summary>
    private void OnMain(string name, string? skip, Func<NcclCommunicator, string> body) =>
        _runner.Run(name, skip ?? _noMain ?? _noMemory, () =>
        {
            try
            {
                return body(_main!);
            }
            catch (Exception error) when (error is not NumbersException)
            {
                if (!IsWell(_main!)) LoseMain($"the communicator was lost in '{name}'");
                throw;
            }
        });

    private static bool IsWell(NcclCommunicator communicator)
    {
        try
        {
            return communicator.AsyncError == NcclResult.Success;
        }
        catch (Exception error) when (error is NcclException or ObjectDisposedException)
        {
            return false;
        }
    }

    private void LoseMain(string reason)
    {
        _noMain = reason;
        _main?.Dispose();
        _main = null;
    }

    /// <summary>Joins a communicator of one rank, and notes it for <see cref="AbortAll"/>.</summary>
    private NcclCommunicator Join(bool blocking) => Opened(_nccl.Join(_nccl.CreateUniqueId(), ranks: 1, rank: 0, blocking));

    private NcclCommunicator Opened(NcclCommunicator communicator)
    {
        lock (_opened) _opened.Add(communicator);
        return communicator;
    }

    /// <summary>Aborts what is open, children first; on a thread of its own, with the context that NCCL expects.</summary>
    private void AbortAll()
    {
        _device.MakeCurrent();
        NcclCommunicator[] opened;
        lock (_opened) opened = [.. _opened];
        foreach (NcclCommunicator communicator in opened.Reverse()) communicator.Dispose();
    }

    private void FreeMemory()
    {
        _device.MakeCurrent();
        if (_from != 0) _device.Free(_from);
        if (_to != 0) _device.Free(_to);
    }
}
