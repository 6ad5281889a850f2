namespace AutogradCore.Cli;

/// <summary>What a running command knows of Ctrl-C, SIGTERM and SIGHUP, and whether it ends by itself after one.</summary>
/// <remarks>The process ends half a second after the first signal, whatever the command does. A command that has something to
/// save says so with <see cref="HoldForSaving"/>, watches <see cref="Token"/>, and is waited for.</remarks>
internal sealed class Interruption(CancellationToken token)
{
    private int _holds;

    /// <summary>Never interrupted.</summary>
    public static Interruption None { get; } = new(CancellationToken.None);

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => token;

    /// <summary>Whether the command has something to save, and ends by itself once it has.</summary>
    public bool IsHeld => Volatile.Read(ref _holds) > 0;

    /// <summary>Until the result is disposed, the process waits for the command after a first signal.</summary>
    public IDisposable HoldForSaving()
    {
        Interlocked.Increment(ref _holds);
        return new Hold(this);
    }

    private sealed class Hold(Interruption owner) : IDisposable
    {
        private bool _released;

        public void Dispose()
        {
            if (!Interlocked.Exchange(ref _released, true)) Interlocked.Decrement(ref owner._holds);
        }
    }
}
