using System.Text;
using Spectre.Console;

namespace AutogradCore.Cli;

/// <summary>Where a command prints: results to <see cref="Out"/>, progress and errors to <see cref="Error"/>.</summary>
/// <remarks>Colour and live progress appear only on a terminal, and not when NO_COLOR is set (no-color.org). Printing never
/// throws: a command that is to save something does so whether or not anybody listens. See <see cref="Loss"/>.</remarks>
internal sealed class Terminal
{
    /// <summary>Where lines break that go to no terminal.</summary>
    private const int PlainWidth = 140;

    private readonly SafeWriter _out, _error;
    private readonly Lazy<IAnsiConsole> _progress;

    /// <summary>A terminal over two writers.</summary>
    /// <param name="output">For results.</param>
    /// <param name="error">For progress and errors.</param>
    /// <param name="liveOutput">Whether <paramref name="output"/> is a terminal.</param>
    /// <param name="liveError">Whether <paramref name="error"/> is one.</param>
    public Terminal(TextWriter output, TextWriter error, bool liveOutput = false, bool liveError = false)
    {
        (_out, _error) = (new SafeWriter(output), new SafeWriter(error));
        Width = liveOutput ? Math.Max(40, Console.WindowWidth) : PlainWidth;
        IsLive = liveError && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        _progress = new Lazy<IAnsiConsole>(
            () => AnsiConsole.Create(new AnsiConsoleSettings { Out = new LiveError(_error, IsLive) }));
    }

    /// <summary>Results as plain text.</summary>
    public TextWriter Out => _out;

    /// <summary>Errors and progress as plain text.</summary>
    public TextWriter Error => _error;

    /// <summary>Progress that redraws itself, for a live terminal; made when first used, since that takes a tenth of a
    /// second.</summary>
    public IAnsiConsole Progress => _progress.Value;

    /// <summary>The columns of a line of results.</summary>
    public int Width { get; }

    /// <summary>Whether progress may redraw lines.</summary>
    public bool IsLive { get; }

    /// <summary>Why results were lost on the way to <see cref="Out"/>; null when none were.</summary>
    public Exception? Loss => _out.Failure;

    /// <summary>Shows the cursor again, which live progress hides.</summary>
    public void ShowCursor()
    {
        if (IsLive) Error.Write("\u001b[?25h");
    }

    /// <summary>The process's own streams.</summary>
    public static Terminal OfProcess() =>
        new(Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsErrorRedirected);

    /// <summary>Prints a table among the results.</summary>
    public void Write(TextTable table) => Out.Write(table.Draw(Width));

    /// <summary>The error stream, as Spectre asks for it.</summary>
    private sealed class LiveError(TextWriter writer, bool live) : IAnsiConsoleOutput
    {
        private readonly AnsiConsoleOutput _size = new(Console.Out);

        public TextWriter Writer => writer;

        public bool IsTerminal => live;

        public int Width => _size.Width;

        public int Height => _size.Height;

        public void SetEncoding(Encoding encoding)
        {
            // The stream is written as it was opened.
        }
    }
}
