using System.CommandLine;
using System.Text.RegularExpressions;
using AutogradCore.Cli;

namespace AutogradCore.Tests.Cli;

/// <summary>Which options the commands have, and which a text names.</summary>
internal static partial class CommandOptions
{
    /// <summary>The words of a text that look like options.</summary>
    public static IEnumerable<string> Named(string text) => Word().Matches(text).Select(match => match.Value);

    /// <summary>All commands, each with the words that call it.</summary>
    public static IReadOnlyList<(string[] Path, Command Command)> Commands { get; } = [.. Below([], Root())];

    /// <summary>The options of all commands.</summary>
    public static IReadOnlySet<string> All { get; } =
        Root().Options.Concat(Commands.SelectMany(c => c.Command.Options)).SelectMany(Names).ToHashSet();

    /// <summary>The options that the command of a line has.</summary>
    public static IReadOnlySet<string> Of(params IEnumerable<string> line)
    {
        string[] words = [.. line];
        RootCommand root = Root(words);
        Command command = root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null }).CommandResult.Command;
        return command.Options.Concat(root.Options).SelectMany(Names).ToHashSet();
    }

    /// <summary>The options that the hints of an error name, and the command of the line lacks.</summary>
    public static IEnumerable<string> MissingInHints(IEnumerable<string> line, string error)
    {
        string[] named =
            [.. error.Split('\n').Where(text => text.StartsWith("Hint:", StringComparison.Ordinal)).SelectMany(Named)];
        return named.Length == 0 ? [] : named.Except(Of(line));
    }

    private static IEnumerable<string> Names(Option option) => option.Aliases.Append(option.Name);

    private static IEnumerable<(string[] Path, Command Command)> Below(string[] path, Command command) =>
        command.Subcommands.SelectMany(below =>
            Below([.. path, below.Name], below).Prepend((Path: [.. path, below.Name], Command: below)));

    /// <summary>The command of a line; all commands without one.</summary>
    private static RootCommand Root(params IReadOnlyList<string> line) =>
        Application.Root(line, new Terminal(TextWriter.Null, TextWriter.Null), default, out _);

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]*")]
    private static partial Regex Word();
}
