namespace AutogradCore;

/// <summary>Replaces a file whole or not at all: a temporary file in the same folder, flushed to the device, renamed over
/// the old one.</summary>
/// <remarks>A link stays a link, and the file that it leads to is replaced. A device such as /dev/stdout gets the
/// bytes.</remarks>
public static class AtomicFile
{
    /// <summary>Replaces a file by a text in UTF-8.</summary>
    /// <inheritdoc cref="Replace(string, Action{Stream}, long)"/>
    public static void Replace(string path, string text) => Replace(path, stream =>
    {
        using StreamWriter writer = new(stream, leaveOpen: true);
        writer.Write(text);
    });

    /// <summary>Replaces a file by what is written; whatever goes wrong, the previous one is unchanged and no temporary file is
    /// left.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="write">Writes the content. What it throws passes unchanged.</param>
    /// <param name="length">The bytes to come, where known: space is reserved first, so that a full disk is usually found before
    /// anything is written.</param>
    /// <exception cref="IOException">The file system refused.</exception>
    /// <exception cref="UnauthorizedAccessException">It did so for lack of rights.</exception>
    public static void Replace(string path, Action<Stream> write, long length = 0)
    {
        string destination = Path.GetFullPath(path);
        if (!IsDevice(destination) && new FileInfo(destination).LinkTarget is not null)
            destination = File.ResolveLinkTarget(destination, returnFinalTarget: true)!.FullName;
        if (IsDevice(destination))
        {
            using FileStream device = new(destination, FileMode.Open, FileAccess.Write);
            write(device);
            return;
        }
        string temporary = Path.Combine(
            Path.GetDirectoryName(destination) ?? throw new IOException("The path names a root folder."),
            $".{Path.GetFileName(destination)}.{Path.GetRandomFileName()}.tmp");
        try
        {
            FileStreamOptions options = new()
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                PreallocationSize = length,
            };
            using (FileStream stream = new(temporary, options))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, destination, overwrite: true);
        }
        catch
        {
            Remove(temporary);
            throw;
        }
    }

    // To rename over these would put a plain file in their place.
    private static bool IsDevice(string path) =>
        !OperatingSystem.IsWindows() && path.StartsWith("/dev/", StringComparison.Ordinal);

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The error that brought us here says more than this one.
        }
    }
}
