using System.CommandLine;
using System.Text.RegularExpressions;
using AutogradCore.Cli;

namespace AutogradCore.Tests.Cli;

/// <summary>Which options the commands have, and which a text names.</summary>
internal static partial class CommandOptions
{
    /// <summary>The words of a text that look like options.</summary>
    public static IEnumerable<string> Named(string text) => Word().Matches(text).Select(match => match.Value);

    /// <summary>The options of all commands.</summary>
    public static IReadOnlySet<string> All { get; } = Root().Options.Concat(Below(Root()).SelectMany(command => command.Options))
        .SelectMany(Names).ToHashSet();

    /// <summary>The options that the command of a line has.</summary>
    public static IReadOnlySet<string> Of(params IEnumerable<string> line)
    {
        Command root = Root(), command = root;
        foreach (string word in line)
        {
            if (command.Subcommands.FirstOrDefault(below => below.Name == word) is not { } below) break;
            command = below;
        }
        return command.Options.Concat(root.Options).SelectMany(Names).ToHashSet();
    }

    /// <summary>The options that the hints of an error name, and the command of the line lacks.</summary>
    public static IEnumerable<string> MissingInHints(IEnumerable<string> line, string error) =>
        error.Split('\n').Where(text => text.StartsWith("Hint:", StringComparison.Ordinal)).SelectMany(Named).Except(Of(line));

    private static IEnumerable<string> Names(Option option) => option.Aliases.Append(option.Name);

    private static IEnumerable<Command> Below(Command command) =>
        command.Subcommands.SelectMany(below => Below(below).Prepend(below));

    private static RootCommand Root() => Application.Root(new Terminal(TextWriter.Null, TextWriter.Null), default, out _);

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]*")]
    private static partial Regex Word();
}
