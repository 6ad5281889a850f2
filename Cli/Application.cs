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
    /// <param name="interruption">The user's wish that the command ends.</param>
    public static ExitCode Run(IReadOnlyList<string> args, Terminal terminal, Interruption? interruption = null)
    {
        ExitCode code = Execute(args, terminal, interruption ?? Interruption.None);
        if (code != ExitCode.Ok || terminal.Loss is not { } loss) return code;
        terminal.Error.WriteLine($"Error: the results cannot be printed: {loss.Message}");
        terminal.Error.WriteLine("Hint: what the command writes to files is whole; give its output another place.");
        return ExitCode.Data;
    }

    private static ExitCode Execute(IReadOnlyList<string> args, Terminal terminal, Interruption interruption)
    {
        if (args is [['[', ..], ..])
        {
            // The parser would take it for a directive: it throws for some, and passes over the others.
            terminal.Error.WriteLine($"Unrecognized command or argument '{args[0]}'.");
            terminal.Error.WriteLine("Run with --help for all commands.");
            return ExitCode.Usage;
        }
        RootCommand root = Root(args, terminal, interruption, out Option<bool> verbose);
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
    /// <param name="args">The line.</param>
    /// <param name="terminal">Where commands print.</param>
    /// <param name="interruption">The user's wish that they end.</param>
    /// <param name="verbose">Whether errors show their stack.</param>
    internal static RootCommand Root(
        IReadOnlyList<string> args, Terminal terminal, Interruption? interruption, out Option<bool> verbose)
    {
        interruption ??= Interruption.None;
        string[] words = [.. args.Where(word => !word.StartsWith('-')).Take(2)];
        verbose = new Option<bool>("--verbose") { Description = "Show stack traces of errors.", Recursive = true };
        RootCommand root = new("Trains, samples and checks models on an autodiff engine whose backward pass is split in two.")
        {
            verbose,
        };
        foreach (Command command in CommandEntry.Called(words.ElementAtOrDefault(0),
            new("train", () => TrainCommand.Create(terminal, interruption)),
            new("sample", () => SampleCommand.Create(terminal, interruption.Token)),
            new("demo", () => DemoCommand.Create(terminal, interruption.Token)),
            new("schedule", () => ScheduleCommand.Create(words.ElementAtOrDefault(1), terminal, interruption.Token)),
            new("profile", () => ProfileCommand.Create(terminal, interruption.Token)),
            new("doctor", () => DoctorCommand.Create(terminal)),
            new("gpu", () => GpuCommand.Create(terminal, interruption.Token)),
            new("gradcheck", () => GradCheckCommand.Create(terminal, interruption.Token)),
            new("bench", () => BenchCommand.Create(terminal, interruption.Token)),
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
        else terminal.Error.WriteLine(error is OperationCanceledException ? "Interrupted." : $"Error: {Message(error)}");
        return code;
    }

    private static string Message(Exception error) => error is OutOfMemoryException
        ? $"There is not enough memory: {error.Message}{Environment.NewLine}Hint: ask for smaller sizes"
        : error.Message;

    private static IEnumerable<string> CommandPath(ParseResult parsed)
    {
        Stack<string> names = [];
        for (CommandResult? result = parsed.CommandResult; result?.Parent is not null; result = result.Parent as CommandResult)
            names.Push(result.Command.Name);
        return names;
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
