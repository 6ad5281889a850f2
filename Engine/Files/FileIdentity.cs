using System.Runtime.InteropServices;

namespace AutogradCore;

/// <summary>What stands behind a path.</summary>
internal enum FileKind
{
    /// <summary>Nothing is there, or nobody may look.</summary>
    None,

    /// <summary>A file with content of its own, which can be replaced.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A pipe, FIFO or socket: bytes go through it once.</summary>
    Pipe,

    /// <summary>A device such as a terminal or <c>/dev/null</c>.</summary>
    Device,
}

/// <summary>What the operating system says about a file: its kind, and two numbers that no other file has at the same
/// time.</summary>
/// <param name="Kind">What it is, after following links.</param>
/// <param name="Volume">Where it is stored.</param>
/// <param name="Number">Its number there; 0 on Windows, which is not asked.</param>
internal readonly partial record struct FileIdentity(FileKind Kind, ulong Volume, ulong Number)
{
    private const int StatusBytes = 256, AtCurrentFolder = -100, AtEmptyPath = 0x1000, BasicStatistics = 0x7ff;

    /// <summary>Asks about a path. Opens nothing, so that a FIFO without a peer does not block.</summary>
    public static FileIdentity Of(string path)
    {
        if (OperatingSystem.IsLinux()) return OfLinux(AtCurrentFolder, path, 0);
        if (OperatingSystem.IsMacOS()) return OfMac(path, descriptor: -1);
        return new FileIdentity(path.StartsWith(@"\\.\", StringComparison.Ordinal) ? FileKind.Device
            : Directory.Exists(path) ? FileKind.Folder
            : File.Exists(path) ? FileKind.Regular
            : FileKind.None, 0, 0);
    }

    /// <summary>Asks about an open descriptor of this process, such as 1 for standard output.</summary>
    public static FileIdentity Of(int descriptor) =>
        OperatingSystem.IsLinux() ? OfLinux(descriptor, "", AtEmptyPath)
        : OperatingSystem.IsMacOS() ? OfMac("", descriptor)
        : default;

    /// <summary>Whether both are one regular file.</summary>
    public bool IsSameFile(FileIdentity other) => Kind == FileKind.Regular && Number != 0 && this == other;

    /// <summary>The kind as messages name it.</summary>
    public string Noun => Kind switch
    {
        FileKind.None => "nothing",
        FileKind.Regular => "a file",
        FileKind.Folder => "a folder",
        FileKind.Pipe => "a pipe",
        _ => "a device",
    };

    // struct statx has one layout on every architecture: mode at byte 28, inode at 32, device numbers at 136 and 140.
    private static unsafe FileIdentity OfLinux(int folder, string path, int flags)
    {
        byte* status = stackalloc byte[StatusBytes];
        return statx(folder, path, flags, BasicStatistics, status) != 0
            ? default
            : new FileIdentity(KindOf(*(ushort*)(status + 28)), *(ulong*)(status + 136), *(ulong*)(status + 32));
    }

    // struct stat with 64-bit inodes: device at byte 0, mode at 4, inode at 8.
    private static unsafe FileIdentity OfMac(string path, int descriptor)
    {
        byte* status = stackalloc byte[StatusBytes];
        bool isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        int failed = descriptor >= 0 ? isArm ? fstat(descriptor, status) : fstat64(descriptor, status)
            : isArm ? stat(path, status)
            : stat64(path, status);
        return failed != 0
            ? default
            : new FileIdentity(KindOf(*(ushort*)(status + 4)), *(uint*)status, *(ulong*)(status + 8));
    }

    private static FileKind KindOf(int mode) => (mode & 0xf000) switch
    {
        0x8000 => FileKind.Regular,
        0x4000 => FileKind.Folder,
        0x1000 or 0xc000 => FileKind.Pipe,
        _ => FileKind.Device,
    };

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int stat(string path, byte* status);

    [LibraryImport("libc")]
    private static unsafe partial int fstat(int descriptor, byte* status);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int stat64(string path, byte* status);

    [LibraryImport("libc", EntryPoint = "fstat$INODE64")]
    private static unsafe partial int fstat64(int descriptor, byte* status);
}
