using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AutogradCore;

/// <summary>Sends written bytes to the storage device, and believes only the operating system's own answer.</summary>
/// <remarks><see cref="FileStream.Flush(bool)"/> drops some of these answers, so the system is called here.</remarks>
internal partial class DeviceFlush
{
    private const int Interrupted = 4, ReadOnly = 0, CloseOnExec = 0x80000, MacFullSync = 51;

    /// <summary>The operating system's.</summary>
    public static DeviceFlush System { get; } = new();

    /// <summary>Returns when a file's content is on the device.</summary>
    /// <exception cref="IOException">It may not be.</exception>
    public virtual void File(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsWindows()) RandomAccess.FlushToDisk(file);
        else if (Sync(file) is var error and not 0)
            throw new IOException($"'{path}' could not be flushed to the device: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>Returns when a folder's names are on the device, as far as its file system can do that.</summary>
    /// <exception cref="IOException">They may not be.</exception>
    public virtual void Folder(string path)
    {
        if (OperatingSystem.IsWindows()) return; // there, folders cannot be flushed
        using SafeFileHandle? folder = OpenToRead(path);
        if (folder is null) return; // who may write a folder and not read it cannot flush it either
        int error = Sync(folder);
        if (error != 0 && !IsUnsupported(error))
            throw new IOException($"The folder '{path}' could not be flushed to the device: "
                + Marshal.GetPInvokeErrorMessage(error));
    }

    /// <summary>Opens a file or a folder without the lock that .NET takes on what it opens; null where that is refused.</summary>
    public static SafeFileHandle? OpenToRead(string path)
    {
        int descriptor;
        do descriptor = open(path, ReadOnly | (OperatingSystem.IsLinux() ? CloseOnExec : 0));
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>0, or the error number.</summary>
    private static int Sync(SafeFileHandle file)
    {
        while (true)
        {
            // On macOS fsync stops at the drive's cache, and F_FULLFSYNC does not; not every file system there has it.
            if (OperatingSystem.IsMacOS() && fcntl(file, MacFullSync) == 0) return 0;
            if (fsync(file) == 0) return 0;
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted) return error;
        }
    }

    /// <summary>EINVAL, EROFS, ENOSYS and ENOTSUP: this file system has no flush for folders.</summary>
    private static bool IsUnsupported(int error) =>
        error is 22 or 30 || (OperatingSystem.IsMacOS() ? error is 45 or 78 or 102 : error is 38 or 95);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(SafeFileHandle file, int command);
}
