using Spectre.Console;

namespace AutogradCore.Cli;

/// <summary>Where a command prints: results to <see cref="Out"/>, progress and errors to <see cref="Error"/>.</summary>
/// <remarks>Colour and live progress appear only on a terminal, and not when NO_COLOR is set (no-color.org).</remarks>
internal sealed class Terminal
{
    /// <summary>A terminal over two writers.</summary>
    /// <param name="output">For results.</param>
    /// <param name="error">For progress and errors.</param>
    /// <param name="liveOutput">Whether <paramref name="output"/> is a terminal.</param>
    /// <param name="liveError">Whether <paramref name="error"/> is one.</param>
    public Terminal(TextWriter output, TextWriter error, bool liveOutput = false, bool liveError = false)
    {
        (Out, Error) = (output, error);
        bool colour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        IsLive = liveError && colour;
        Results = Console(output, liveOutput && colour);
        Progress = Console(error, IsLive);
    }

    /// <summary>Results as plain text.</summary>
    public TextWriter Out { get; }

    /// <summary>Errors and progress as plain text.</summary>
    public TextWriter Error { get; }

    /// <summary>Results as tables and markup.</summary>
    public IAnsiConsole Results { get; }

    /// <summary>Progress.</summary>
    public IAnsiConsole Progress { get; }

    /// <summary>Whether progress may redraw lines.</summary>
    public bool IsLive { get; }

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
            Out = new AnsiConsoleOutput(writer),
        });
        if (!live) console.Profile.Width = 140;
        return console;
    }
}
