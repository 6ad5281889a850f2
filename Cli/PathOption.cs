using System.CommandLine;
using System.CommandLine.Parsing;

namespace AutogradCore.Cli;

/// <summary>Options and arguments that name files or folders: a word that cannot name one is refused before the command
/// runs.</summary>
internal static class PathOption
{
    /// <summary>Makes an option one of paths.</summary>
    public static Option<T> OfPath<T>(this Option<T> option)
    {
        option.Validators.Add(result => Check(result, option.Name));
        return option;
    }

    /// <summary>Makes an argument one of paths.</summary>
    public static Argument<T> OfPath<T>(this Argument<T> argument)
    {
        argument.Validators.Add(result => Check(result, $"<{argument.Name}>"));
        return argument;
    }

    private static void Check(SymbolResult result, string name)
    {
        foreach (Token token in result.Tokens)
        {
            if (token.Value.Trim().Length == 0) result.AddError($"{name} is empty, and names a file or a folder.");
            if (token.Value.Contains('\0', StringComparison.Ordinal)) result.AddError($"{name} has a NUL, which no path has.");
        }
    }
}
