using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using AutogradCore.Benchmarks;

namespace AutogradCore.Cli;

/// <summary>The tool: its commands, and what errors look like.</summary>
internal static class Application
{
    /// <summary>Runs one command line.</summary>
    /// <param name="args">The words after the program's name.</param>
    /// <param name="terminal">Where it prints.</param>
    /// <param name="cancellation">Cancelled when the user interrupts.</param>
    public static ExitCode Run(IReadOnlyList<string> args, Terminal terminal, CancellationToken cancellation = default)
    {
        RootCommand root = Root(args, terminal, cancellation, out Option<bool> verbose);
        ParseResult parsed = root.Parse(
            args, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction or null)
            return Misuse(parsed, terminal);
        try
        {
            return (ExitCode)parsed.Invoke(new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
#pragma warning disable CA1031 // The outermost boundary: every error becomes a message and an exit code.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return Report(error, parsed.GetValue(verbose), terminal);
        }
    }

    /// <summary>The command that a line calls, with its options; all commands where it calls none.</summary>
    internal static RootCommand Root(
        IReadOnlyList<string> args, Terminal terminal, CancellationToken cancellation, out Option<bool> verbose)
    {
        string[] words = [.. args.Where(word => !word.StartsWith('-')).Take(2)];
        verbose = new Option<bool>("--verbose") { Description = "Show stack traces of errors.", Recursive = true };
        RootCommand root = new("Trains, samples and checks models on an autodiff engine whose backward pass is split in two.")
        {
            verbose,
        };
        foreach (Command command in CommandEntry.Called(words.ElementAtOrDefault(0),
            new("train", () => TrainCommand.Create(terminal, cancellation)),
            new("sample", () => SampleCommand.Create(terminal, cancellation)),
            new("demo", () => DemoCommand.Create(terminal, cancellation)),
            new("schedule", () => ScheduleCommand.Create(words.ElementAtOrDefault(1), terminal, cancellation)),
            new("profile", () => ProfileCommand.Create(terminal, cancellation)),
            new("doctor", () => DoctorCommand.Create(terminal)),
            new("gpu", () => GpuCommand.Create(terminal)),
            new("gradcheck", () => GradCheckCommand.Create(terminal)),
            new("bench", () => BenchCommand.Create(terminal)),
            new(BenchmarkTool.StepMemoryCommand, () => BenchMemoryCommand.Create(terminal))))
            root.Add(command);
        foreach (Option option in root.Options)
            if (option is HelpOption help) help.Action = new HelpWithExitCodes((HelpAction)help.Action!);
        Numbers.ReadBy(root);
        return root;
    }

    private static ExitCode Misuse(ParseResult parsed, Terminal terminal)
    {
        foreach (ParseError error in parsed.Errors) terminal.Error.WriteLine(Named(error));
        foreach (string unmatched in parsed.UnmatchedTokens)
            if (Spelling.Nearest(unmatched, Words(parsed)) is { } near) terminal.Error.WriteLine($"Hint: did you mean {near}?");
        terminal.Error.WriteLine($"Run with {string.Join(' ', CommandPath(parsed).Append("--help"))} for all options.");
        return ExitCode.Usage;
    }

    /// <summary>The message of an error, with the option or argument that it is about.</summary>
    private static string Named(ParseError error) => error.SymbolResult switch
    {
        OptionResult { Option.Name: var option } => Named(error.Message, option),
        ArgumentResult { Parent: OptionResult { Option.Name: var option } } => Named(error.Message, option),
        ArgumentResult { Argument.Name: var argument } => Named(error.Message, argument),
        _ => error.Message,
    };

    private static string Named(string message, string name) =>
        message.Contains(name, StringComparison.Ordinal) ? message : $"{name}: {message}";

    private static ExitCode Report(Exception error, bool verbose, Terminal terminal)
    {
        ExitCode code = ExitCodes.Of(error);
        if (code == ExitCode.Internal) terminal.Error.WriteLine($"This is a defect: {error}");
        else if (verbose) terminal.Error.WriteLine(error);
        else terminal.Error.WriteLine(error is OperationCanceledException ? "Interrupted." : $"Error: {error.Message}");
        return code;
    }

    private static IEnumerable<string> CommandPath(ParseResult parsed)
    {
        for (CommandResult? result = parsed.CommandResult; result?.Parent is not null; result = result.Parent as CommandResult)
            yield return result.Command.Name;
    }

    private static IEnumerable<string> Words(ParseResult parsed) => parsed.CommandResult.Command.Options.Select(o => o.Name)
        .Concat(parsed.CommandResult.Command.Subcommands.Select(c => c.Name));

    /// <summary>The usual help, and below it the exit codes.</summary>
    private sealed class HelpWithExitCodes(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int result = inner.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Exit codes:");
            foreach ((ExitCode code, string meaning) in ExitCodes.All) output.WriteLine($"  {(int)code,3}  {meaning}");
            return result;
        }
    }
}
