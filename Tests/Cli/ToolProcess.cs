using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using AutogradCore.Cli;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

/// <summary>The tool as a process of its own, for what only a process can show: signals and streams that fail.</summary>
internal sealed class ToolProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);
    private readonly Process _process;
    private readonly Task<string> _out, _error;

    private ToolProcess(Process process) => (_process, _out, _error) =
        (process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());

    /// <summary>Starts it, with the redirections of a shell such as <c>2>/dev/full</c>. It hears signals that end it,
    /// also where the tests run under <c>nohup</c> or in the background of a script, whose processes ignore some.</summary>
    public static ToolProcess Start(string redirections, params string[] args)
    {
        const string Hears = "env --default-signal=HUP,INT";
        return By($"exec $({Hears} true 2>/dev/null && echo {Hears}) \"$@\" {redirections}", args);
    }

    /// <summary>Starts it by a line of shell, in which <c>"$@"</c> is the tool with its arguments.</summary>
    public static ToolProcess By(string shell, params string[] args)
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("needs a POSIX shell");
        string dotnet = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet");
        ProcessStartInfo start = new("/bin/sh",
            ["-c", shell, "sh", dotnet, typeof(Application).Assembly.Location, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new ToolProcess(Process.Start(start)!);
    }

    /// <summary>Runs it to its end.</summary>
    public static CommandLine Run(string redirections, params string[] args)
    {
        using ToolProcess tool = Start(redirections, args);
        return tool.End();
    }

    /// <summary>Waits until it listens to signals.</summary>
    public void AwaitListening()
    {
        Await(() => (Mask() & 1) != 0); // bit 0 is SIGHUP, which the runtime leaves alone

        ulong Mask()
        {
            string[] lines = File.ReadAllLines($"/proc/{_process.Id}/status");
            string caught = lines.First(line => line.StartsWith("SigCgt:", StringComparison.Ordinal));
            return ulong.Parse(caught.AsSpan(7), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Waits for something to be seen from outside.</summary>
    public void Await(Func<bool> seen)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!seen())
        {
            if (_process.HasExited || clock.Elapsed > Patience) Assert.Fail($"{End()}");
            Thread.Sleep(10);
        }
    }

    /// <summary>Sends a signal by name, such as <c>INT</c>.</summary>
    public void Signal(string name)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -{name} {_process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the end: the exit code, and what was printed.</summary>
    public CommandLine End()
    {
        if (!_process.WaitForExit(Patience))
        {
            _process.Kill();
            Assert.Fail($"it did not end in {Patience.TotalSeconds} s: {_error.Result}");
        }
        return new CommandLine((ExitCode)_process.ExitCode, _out.Result, _error.Result);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
