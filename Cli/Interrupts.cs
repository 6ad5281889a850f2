using System.Globalization;
using System.Runtime.InteropServices;

namespace AutogradCore.Cli;

/// <summary>Ctrl-C, SIGTERM and SIGHUP: the first asks for an orderly end, the second ends the process at once.</summary>
/// <remarks>After the first, the process ends within <see cref="Grace"/>, unless the command has something to save: a command
/// may be anywhere, in a long computation or in the opening of a pipe that nobody writes to.</remarks>
internal sealed class Interrupts : IDisposable
{
    /// <summary>What a command without anything to save gets to end by itself.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.5);

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Terminal _terminal;
    private int _signals;

    /// <summary>Listens from now on.</summary>
    /// <param name="terminal">Told why the process does not end yet, or that it ends.</param>
    public Interrupts(Terminal terminal)
    {
        (_terminal, Interruption) = (terminal, new Interruption(_source.Token));
        List<PosixSignal> signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM];
        if (!IsIgnored(1)) signals.Add(PosixSignal.SIGHUP);
        _registrations = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, Handle))];
    }

    /// <summary>What commands see of it.</summary>
    public Interruption Interruption { get; }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (Interlocked.Increment(ref _signals) > 1) End();
        new Thread(Await) { IsBackground = true, Name = "interrupted" }.Start();
        _source.Cancel();
    }

    /// <summary>Gives the command its time to end the process itself.</summary>
    private void Await()
    {
        if (Interruption.IsHeld) Say("Interrupted: saves after the work at hand, then ends. Interrupt again to end at once.");
        do Thread.Sleep(Grace);
        while (Interruption.IsHeld);
        Say("Interrupted.");
        End();
    }

    /// <summary>Prints without waiting for a reader that may never come.</summary>
    private void Say(string text)
    {
        Thread speaker = new(() =>
        {
            _terminal.ShowCursor();
            _terminal.Error.WriteLine(text);
        }) { IsBackground = true, Name = "interrupted" };
        speaker.Start();
        speaker.Join(TimeSpan.FromSeconds(0.2));
    }

    private static void End() => Environment.Exit((int)ExitCode.Interrupted);

    /// <summary>Whether the process was started to ignore a signal, as nohup does with SIGHUP; that is asked for, and stays so.
    /// Linux tells it as a mask in which signal n is bit n - 1.</summary>
    private static bool IsIgnored(int signal)
    {
        const string status = "/proc/self/status", key = "SigIgn:";
        if (!File.Exists(status)) return false;
        string mask = File.ReadLines(status).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal), key);
        return ulong.TryParse(mask.AsSpan(key.Length), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong ignored)
            && (ignored & (1UL << (signal - 1))) != 0;
    }
}
