namespace AutogradCore.Cli;

/// <summary>The repository that this tool is built from, where the current directory is inside it.</summary>
internal static class SourceTree
{
    /// <summary>The file that marks its root.</summary>
    public const string Mark = "AutogradCore.sln";

    /// <summary>The root around a folder; null outside the repository.</summary>
    public static string? Around(string folder)
    {
        for (DirectoryInfo? at = new(folder); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, Mark))) return at.FullName;
        return null;
    }
}
