using System.Text;
using Spectre.Console;

namespace AutogradCore.Cli;

/// <summary>Where a command prints: results to <see cref="Out"/>, progress and errors to <see cref="Error"/>.</summary>
/// <remarks>Colour and live progress appear only on a terminal, and not when NO_COLOR is set (no-color.org). Printing never
/// throws: a command that is to save something does so whether or not anybody listens. See <see cref="Loss"/>.</remarks>
internal sealed class Terminal
{
    private readonly SafeWriter _out, _error;

    /// <summary>A terminal over two writers.</summary>
    /// <param name="output">For results.</param>
    /// <param name="error">For progress and errors.</param>
    /// <param name="liveOutput">Whether <paramref name="output"/> is a terminal.</param>
    /// <param name="liveError">Whether <paramref name="error"/> is one.</param>
    public Terminal(TextWriter output, TextWriter error, bool liveOutput = false, bool liveError = false)
    {
        (_out, _error) = (new SafeWriter(output), new SafeWriter(error));
        bool colour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        IsLive = liveError && colour;
        Results = Console(_out, liveOutput && colour);
        Progress = Console(_error, IsLive);
    }

    /// <summary>Results as plain text.</summary>
    public TextWriter Out => _out;

    /// <summary>Errors and progress as plain text.</summary>
    public TextWriter Error => _error;

    /// <summary>Results as tables and markup.</summary>
    public IAnsiConsole Results { get; }

    /// <summary>Progress.</summary>
    public IAnsiConsole Progress { get; }

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
        new(System.Console.Out, System.Console.Error, !System.Console.IsOutputRedirected, !System.Console.IsErrorRedirected);

    private static IAnsiConsole Console(TextWriter writer, bool live)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = live ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = live ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = live ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new Stream(writer, live),
        });
        if (!live) console.Profile.Width = 140;
        return console;
    }

    /// <summary>One of the two streams, as Spectre asks for it.</summary>
    private sealed class Stream(TextWriter writer, bool live) : IAnsiConsoleOutput
    {
        private readonly AnsiConsoleOutput _size = new(System.Console.Out);

        public TextWriter Writer => writer;

        public bool IsTerminal => live;

        public int Width => _size.Width;

        public int Height => _size.Height;

        public void SetEncoding(Encoding encoding)
        {
            // The streams are written as they were opened.
        }
    }
}
