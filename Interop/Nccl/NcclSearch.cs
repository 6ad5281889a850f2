namespace AutogradCore.Interop;

/// <summary>Where libnccl may be. Python's wheels carry it: their folders are looked at, and nothing of Python's is
/// run.</summary>
internal static class NcclSearch
{
    /// <summary>The environment variable that names the library, and nothing else is tried.</summary>
    public const string Variable = "AUTOGRADCORE_NCCL";

    private static readonly EnumerationOptions Quiet = new() { IgnoreInaccessible = true };

    /// <summary>What to load, best first: names for the system's loader, then files that exist.</summary>
    public static IReadOnlyList<string> Candidates() =>
        Candidates(Environment.GetEnvironmentVariable, OperatingSystem.IsWindows());

    internal static IReadOnlyList<string> Candidates(Func<string, string?> environment, bool isWindows)
    {
        if (environment(Variable) is { Length: > 0 } given) return [given];
        if (isWindows) return ["nccl.dll"];
        string[] names = ["libnccl.so.2", "libnccl.so"];
        return
        [
            .. names,
            .. Folders(environment).SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
                .Where(File.Exists).Distinct(),
        ];
    }

    private static IEnumerable<string> Folders(Func<string, string?> environment)
    {
        foreach (string variable in new[] { "CUDA_HOME", "CUDA_PATH" })
            if (environment(variable) is { Length: > 0 } cuda) yield return Path.Combine(cuda, "lib64");
        yield return "/usr/local/cuda/lib64";
        if (environment("CONDA_PREFIX") is { Length: > 0 } conda) yield return Path.Combine(conda, "lib");
        IEnumerable<string> packages = Split(environment("PYTHONPATH")).Concat(Prefixes(environment).SelectMany(Packages));
        foreach (string folder in packages) yield return Path.Combine(folder, "nvidia", "nccl", "lib");
    }

    /// <summary>Folders that may hold a Python: its <c>lib/python3.x</c> is in them.</summary>
    private static IEnumerable<string> Prefixes(Func<string, string?> environment)
    {
        foreach (string variable in new[] { "VIRTUAL_ENV", "CONDA_PREFIX" })
            if (environment(variable) is { Length: > 0 } prefix) yield return prefix;
        foreach (string folder in Split(environment("PATH")))
            if (Path.GetDirectoryName(folder.TrimEnd('/')) is { Length: > 0 } prefix) yield return prefix;
        if (environment("HOME") is { Length: > 0 } home)
        {
            yield return Path.Combine(home, ".local");
            foreach (string version in Subfolders(Path.Combine(home, ".pyenv", "versions"), "*")) yield return version;
        }
        yield return "/usr/local";
        yield return "/usr";
    }

    private static IEnumerable<string> Packages(string prefix) =>
        Subfolders(Path.Combine(prefix, "lib"), "python3*").SelectMany(python => Subfolders(python, "*-packages"));

    private static IEnumerable<string> Subfolders(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.EnumerateDirectories(folder, pattern, Quiet).Order(StringComparer.Ordinal) : [];

    private static string[] Split(string? paths) =>
        paths?.Split(':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
