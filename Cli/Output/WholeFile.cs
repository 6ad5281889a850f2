namespace AutogradCore.Cli;

/// <summary>Writes results whole or not at all: a temporary file beside the destination, renamed over it.</summary>
internal static class WholeFile
{
    /// <summary>Replaces a text file; a link stays a link, and a device such as /dev/stdout gets the text.</summary>
    /// <exception cref="OutputException">The file system refused; the previous file is unchanged.</exception>
    public static void Write(string path, string text)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            if (IsLinkOrDevice(path))
            {
                File.WriteAllText(path, text);
                return;
            }
            File.WriteAllText(temporary, text);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(temporary)) File.Delete(temporary);
            throw new OutputException($"{path} cannot be written: {error.Message}",
                "check that the folder is writable and has room; the previous file is unchanged", error);
        }
    }

    // To rename over these would put a plain file in their place.
    private static bool IsLinkOrDevice(string path) => new FileInfo(path).LinkTarget is not null
        || (!OperatingSystem.IsWindows() && Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal));

    /// <summary>Makes a folder, with those above it.</summary>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static void MakeFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new OutputException($"The folder {path} cannot be made: {error.Message}", "choose another with --out", error);
        }
    }
}
