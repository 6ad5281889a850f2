using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace AutogradCore.Cli;

/// <summary>Keeps a folder for one run: two that write into it at once would replace each other's files.</summary>
/// <remarks>The operating system drops the lock when the process ends, however it ends. So a lock file that a killed process
/// left is taken over, and one whose process lives, even a stopped one, is not. The file says who holds it.</remarks>
internal sealed partial class FolderLock : IDisposable
{
    /// <summary>The file in the folder.</summary>
    public const string Name = ".lock";

    private readonly IReadOnlyList<string> _made;
    private readonly FileStream _file;

    private FolderLock(FileStream file, IReadOnlyList<string> made) => (_file, _made) = (file, made);

    /// <summary>Makes the folder where there is none, and locks it.</summary>
    /// <exception cref="UsageException">Another run has it: names process, host and time.</exception>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static FolderLock Take(string folder)
    {
        IReadOnlyList<string> made = Missing(folder);
        WholeFile.MakeFolder(folder);
        string path = Path.Combine(folder, Name);
        while (true)
        {
            FileStream? file = null;
            try
            {
                file = Open(path);
                string mine = Holder();
                file.SetLength(0);
                file.Write(Encoding.UTF8.GetBytes(mine));
                file.Flush();
                if (Holder(path) == mine) return new FolderLock(file, made);
                file.Dispose(); // the run before removed this file after it was opened here: the next one has the name
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                file?.Dispose();
                if (IsLocked(error))
                    throw new UsageException($"{folder} is in use by {Holder(path) ?? "another process"}.",
                        "wait until it has ended, or choose another --out");
                throw new OutputException($"{folder} cannot be locked: {error.Message}",
                    "check that the folder is writable and has room", error);
            }
        }
    }

    /// <summary>Unlocks the folder, and removes it where it was made here and is empty.</summary>
    public void Dispose()
    {
        try
        {
            File.Delete(_file.Name);
            _file.Dispose();
            foreach (string folder in _made) Directory.Delete(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _file.Dispose(); // the folder has files: that is what it was made for; a lock file that stays is not locked
        }
    }

    /// <summary>On Windows others may read who holds it; elsewhere .NET's lock of a file excludes its own readers too.</summary>
    private static FileStream Open(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite,
        OperatingSystem.IsWindows() ? FileShare.Read | FileShare.Delete : FileShare.None, bufferSize: 1);

    /// <summary>EWOULDBLOCK on Linux and macOS, a sharing violation on Windows.</summary>
    private static bool IsLocked(Exception error) =>
        (error.HResult & 0xffff) == (OperatingSystem.IsWindows() ? 32 : OperatingSystem.IsMacOS() ? 35 : 11);

    /// <summary>What this process writes into its lock file.</summary>
    private static string Holder() => string.Create(CultureInfo.InvariantCulture,
        $"process {Environment.ProcessId} on {Environment.MachineName} since {DateTime.UtcNow:yyyy-MM-dd HH:mm:ss.fffffff}Z");

    /// <summary>What a lock file says, or null.</summary>
    private static string? Holder(string path)
    {
        const int Most = 300, ReadOnly = 0;
        try
        {
            using SafeFileHandle file = OperatingSystem.IsWindows()
                ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)
                : new SafeFileHandle(open(path, ReadOnly), ownsHandle: true);
            if (file.IsInvalid) return null;
            byte[] text = new byte[Most];
            int length = RandomAccess.Read(file, text, 0);
            return length == 0 ? null : Encoding.UTF8.GetString(text, 0, length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The folders that are to be made, the innermost first.</summary>
    private static List<string> Missing(string folder)
    {
        List<string> missing = [];
        if (folder.Length == 0) return missing;
        for (string? at = Path.GetFullPath(folder); at is not null && !Directory.Exists(at); at = Path.GetDirectoryName(at))
            missing.Add(at);
        return missing;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);
}
