using System.CommandLine;

namespace AutogradCore.Cli;

/// <summary>A command that is made when it is called: to make all of them takes longer than most of them run.</summary>
/// <param name="Name">The word that calls it.</param>
/// <param name="Create">Makes it, with its options.</param>
internal sealed record CommandEntry(string Name, Func<Command> Create)
{
    /// <summary>The command that a word calls; all where it calls none, for help and for near names.</summary>
    public static IEnumerable<Command> Called(string? word, params IReadOnlyList<CommandEntry> all) =>
        (all.FirstOrDefault(entry => entry.Name == word) is { } called ? [called] : all).Select(entry => entry.Create());
}
