namespace AutogradCore.Cli;

/// <summary>Writes results whole or not at all, with errors that say what to do.</summary>
internal static class WholeFile
{
    /// <summary>Replaces a text file; a link stays a link, and a device, a pipe or /dev/stdout gets the text.</summary>
    /// <exception cref="OutputException">The file system refused; the previous file is unchanged.</exception>
    public static void Write(string path, string text) => Write(path, file => file.Write(text));

    /// <summary>The same, written piece by piece.</summary>
    /// <exception cref="OutputException">The file system refused; the previous file is unchanged.</exception>
    public static void Write(string path, Action<TextWriter> write)
    {
        if (Directory.Exists(path))
            throw new OutputException($"{path} is a folder, and a file is needed.", "name a file in it");
        try
        {
            AtomicFile.Replace(path, stream =>
            {
                using StreamWriter file = new(stream, leaveOpen: true);
                write(file);
            });
        }
        catch (NotDurableException error)
        {
            throw new OutputException(error.Message, "the new file is complete; check the storage", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new OutputException($"{path} cannot be written: {error.Message}",
                "check that the folder is writable and has room; the previous file is unchanged", error);
        }
    }

    /// <summary>Refuses a file that cannot be written whatever it holds: its folder is missing, or a folder has its
    /// name.</summary>
    /// <exception cref="OutputException">Says which.</exception>
    public static void RequirePlace(string path)
    {
        string whole;
        try
        {
            whole = Path.GetFullPath(path);
        }
        catch (Exception error) when (error is IOException or ArgumentException)
        {
            throw new OutputException($"{path} cannot be written: {error.Message}", "name a file", error);
        }
        if (Directory.Exists(whole)) throw new OutputException($"{path} cannot be written: it is a folder.", "name a file in it");
        if (Path.GetDirectoryName(whole) is { } folder && !Directory.Exists(folder))
            throw new OutputException($"{path} cannot be written: there is no folder {folder}.", "make the folder first");
    }

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
            throw new OutputException($"The folder {path} cannot be made: {error.Message}",
                "choose another, or check its permissions", error);
        }
    }
}
