using System.Text.RegularExpressions;

namespace AutogradCore.Cli;

/// <summary>How this program is started anew, by itself or by a reader who pastes a line into a shell.</summary>
internal static partial class ThisProgram
{
    private static readonly string Name = typeof(ThisProgram).Assembly.GetName().Name!;

    /// <summary>The file to start: this program where it is an executable, <c>dotnet</c> elsewhere.</summary>
    public static string File { get; } =
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) is { } process && (process == Name || process == "dotnet")
            ? Environment.ProcessPath!
            : "dotnet";

    /// <summary>The arguments before those of a command: for <c>dotnet</c>, the assembly.</summary>
    public static IReadOnlyList<string> FirstArguments { get; } =
        Path.GetFileNameWithoutExtension(File) == Name ? [] : [Path.Combine(AppContext.BaseDirectory, $"{Name}.dll")];

    /// <summary>A line for a shell that starts a command of this program, with quotes where a word needs them.</summary>
    public static string Line(params string[] arguments)
    {
        // A reader knows 'dotnet' better than its path, where the shell finds it.
        string file = Path.GetFileNameWithoutExtension(File) == "dotnet" && IsOnPath(Path.GetFileName(File)) ? "dotnet" : File;
        return string.Join(' ', new[] { file }.Concat(FirstArguments).Concat(arguments).Select(Quoted));
    }

    /// <summary>A word as a shell takes it: bash and its kin, or the Windows prompt and PowerShell.</summary>
    public static string Quoted(string word) =>
        Plain().IsMatch(OperatingSystem.IsWindows() ? word.Replace('\\', '/') : word) ? word
        : OperatingSystem.IsWindows() ? $"\"{word}\""
        : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private static bool IsOnPath(string file) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Any(folder => System.IO.File.Exists(Path.Combine(folder, file)));

    [GeneratedRegex(@"^[\w@%+=:,./-]+\z")]
    private static partial Regex Plain();
}
