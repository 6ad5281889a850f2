using Spectre.Console;

namespace AutogradCore.Cli;

/// <summary>Where a command prints: results to <see cref="Out"/>, progress and errors to <see cref="Error"/>.</summary>
/// <remarks>Colour and live progress appear only on a terminal, and not when NO_COLOR is set (no-color.org).</remarks>
internal sealed class Terminal
{
    /// <summary>Where lines break that go to no terminal.</summary>
    private const int PlainWidth = 140;

    private readonly Lazy<IAnsiConsole> _progress;

    /// <summary>A terminal over two writers.</summary>
    /// <param name="output">For results.</param>
    /// <param name="error">For progress and errors.</param>
    /// <param name="liveOutput">Whether <paramref name="output"/> is a terminal.</param>
    /// <param name="liveError">Whether <paramref name="error"/> is one.</param>
    public Terminal(TextWriter output, TextWriter error, bool liveOutput = false, bool liveError = false)
    {
        (Out, Error) = (output, error);
        Width = liveOutput ? Math.Max(40, Console.WindowWidth) : PlainWidth;
        IsLive = liveError && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        _progress = new Lazy<IAnsiConsole>(
            () => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) }));
    }

    /// <summary>Results as plain text.</summary>
    public TextWriter Out { get; }

    /// <summary>Errors and progress as plain text.</summary>
    public TextWriter Error { get; }

    /// <summary>Progress that redraws itself, for a live terminal; made when first used, since that takes a tenth of a
    /// second.</summary>
    public IAnsiConsole Progress => _progress.Value;

    /// <summary>The columns of a line of results.</summary>
    public int Width { get; }

    /// <summary>Whether progress may redraw lines.</summary>
    public bool IsLive { get; }

    /// <summary>The process's own streams.</summary>
    public static Terminal OfProcess() =>
        new(Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsErrorRedirected);

    /// <summary>Prints a table among the results.</summary>
    public void Write(TextTable table) => Out.Write(table.Draw(Width));
}
