namespace AutogradCore;

/// <summary>Replaces a file whole or not at all: a temporary file in the same folder, flushed to the device, renamed over
/// the old one; then the folder is flushed too.</summary>
/// <remarks>A link stays a link, and the file that it leads to is replaced. A device or a pipe gets the bytes, wherever it
/// stands, and so does a regular file that is this process's own standard output or error. What a killed process left of the
/// same file is removed.</remarks>
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
    /// <exception cref="IOException">The file system refused, or the path is none.</exception>
    /// <exception cref="UnauthorizedAccessException">It did so for lack of rights.</exception>
    /// <exception cref="NotDurableException">The file is replaced, but a power failure could bring the previous one
    /// back.</exception>
    public static void Replace(string path, Action<Stream> write, long length = 0) =>
        Replace(path, write, length, DeviceFlush.System);

    /// <inheritdoc cref="Replace(string, Action{Stream}, long)"/>
    internal static void Replace(string path, Action<Stream> write, long length, DeviceFlush flush)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal))
            throw new IOException($"'{path}' is not the name of a file.");
        string given = Path.GetFullPath(path);
        FileIdentity there = FileIdentity.Of(given);
        switch (there.Kind)
        {
            case FileKind.Folder:
                throw new IOException($"'{given}' is a folder.");
            case FileKind.Pipe or FileKind.Device:
                using (FileStream stream = new(given, FileMode.Open, FileAccess.Write)) WriteThrough(stream, write);
                return;
            case FileKind.Regular when OpenOutput(there) is { } output:
                using (output) WriteThrough(output, write);
                return;
            default:
                Rename(TargetOf(given), write, length, flush);
                return;
        }
    }

    private static void Rename(string destination, Action<Stream> write, long length, DeviceFlush flush)
    {
        string folder = Path.GetDirectoryName(destination) ?? throw new IOException("The path names a root folder.");
        string name = Path.GetFileName(destination);
        TemporaryName.RemoveLeftOver(folder, name);
        string temporary = Path.Combine(folder, TemporaryName.For(name));
        try
        {
            FileStreamOptions options = new()
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.None,
                PreallocationSize = length,
            };
            using (FileStream stream = new(temporary, options))
            {
                WriteThrough(stream, write);
                flush.File(stream.SafeFileHandle, temporary);
            }
            File.Move(temporary, destination, overwrite: true);
        }
        catch
        {
            Remove(temporary);
            throw;
        }
        try
        {
            flush.Folder(folder);
        }
        catch (IOException error)
        {
            throw new NotDurableException(
                $"'{destination}' is replaced, but a power failure could bring the previous file back: {error.Message}", error);
        }
    }

    private static void WriteThrough(Stream stream, Action<Stream> write)
    {
        write(stream);
        stream.Flush();
    }

    /// <summary>The stream of this process's output that the file is, or null: to rename over it would lose what else is
    /// written there.</summary>
    private static Stream? OpenOutput(FileIdentity file) =>
        file.IsSameFile(FileIdentity.Of(1)) ? Console.OpenStandardOutput()
        : file.IsSameFile(FileIdentity.Of(2)) ? Console.OpenStandardError()
        : null;

    private static string TargetOf(string path) => new FileInfo(path).LinkTarget is null
        ? path
        : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

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
