namespace AutogradCore;

/// <summary>Replaces a file whole or not at all: a temporary file in the same folder, flushed to the device,
/// renamed over the old one.</summary>
internal static class AtomicFile
{
    /// <summary>Space is reserved first, so a full disk is usually found before anything is written.</summary>
    /// <exception cref="CheckpointException">Wraps any error of the file system;
    /// other errors of <paramref name="write"/> pass unchanged.</exception>
    public static void Replace(string path, long length, Action<FileStream> write)
    {
        string? temporary = null;
        try
        {
            string destination = Path.GetFullPath(path);
            temporary = Path.Combine(
                Path.GetDirectoryName(destination) ?? throw new IOException("The path names a root folder."),
                $".{Path.GetFileName(destination)}.{Path.GetRandomFileName()}.tmp");
            var options =
                new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, PreallocationSize = length };
            using (var stream = new FileStream(temporary, options))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, destination, overwrite: true);
        }
        catch (Exception error)
        {
            Remove(temporary);
            if (error is not (IOException or UnauthorizedAccessException))
                throw;
            throw new CheckpointException(
                path, null, $"cannot be written ({length} bytes): {error.Message}", length,
                hint: "Check that the folder exists, is writable and has room; the previous file, if any, is unchanged.",
                inner: error);
        }
    }

    private static void Remove(string? temporary)
    {
        try
        {
            if (temporary is not null)
                File.Delete(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The error that brought us here says more than this one.
        }
    }
}
