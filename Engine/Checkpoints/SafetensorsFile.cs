using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace AutogradCore;

/// <summary>A safetensors file, mapped into memory and checked whole when opened; data is paged in when it is read.</summary>
/// <remarks>The file must not be shortened in place while it is open;
/// <see cref="SafetensorsWriter"/> never does, it replaces files.</remarks>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly Dictionary<string, SafetensorsEntry> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> metadata = new(StringComparer.Ordinal);
    private readonly MemoryMappedFile mapping;
    private readonly MemoryMappedViewAccessor view;
    private byte* start;

    private SafetensorsFile(string path, FileStream stream)
    {
        Path = path;
        mapping = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        try
        {
            view = mapping.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        start += view.PointerOffset;
    }

    /// <summary>The path as it was given.</summary>
    public string Path { get; }

    /// <summary>The tensors' names, in the order of their data.</summary>
    public IReadOnlyList<string> Names { get; private set; } = [];

    /// <summary>The <c>__metadata__</c> map; empty when the file has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="CheckpointException">
    /// The file cannot be read; or it breaks the format: too short, a header that is no JSON object or reaches past the end, a
    /// repeated name, an unknown dtype, a shape that does not match its offsets, or data with overlaps, holes or bytes left over.
    /// </exception>
    public static SafetensorsFile Open(string path)
    {
        RequireRegular(path);
        FileStream? stream = null;
        SafetensorsFile? file = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            long length = stream.Length;
            int headerLength = HeaderLength(path, stream, length);
            file = new SafetensorsFile(path, stream);
            file.Parse(headerLength, length);
            return file;
        }
        catch (Exception error)
        {
            file?.Dispose();
            stream?.Dispose();
            if (error is not (IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException))
                throw;
            string reason = error is NotSupportedException ? "it is a pipe or a device, and no file." : error.Message;
            throw new CheckpointException(
                path, null, $"cannot be opened: {reason}", hint: "Check the path and its permissions.", inner: error);
        }
    }

    /// <summary>What the file says about one tensor.</summary>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    public SafetensorsEntry Entry(string name) => entries.TryGetValue(name, out SafetensorsEntry? entry)
        ? entry
        : throw new CheckpointException(
            Path, null, $"has no tensor '{name}'.",
            hint: $"It has {Names.Count}: {string.Join(", ", Names.Take(8))}{(Names.Count > 8 ? ", ..." : "")}");

    /// <summary>Whether the file has a tensor of that name.</summary>
    public bool Contains(string name) => entries.ContainsKey(name);

    /// <summary>A tensor's data, row-major and little-endian, in the mapped file: valid until <see cref="Dispose"/>.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or it exceeds the 2^31 - 1 bytes of a span.</exception>
    public ReadOnlySpan<byte> Bytes(string name)
    {
        SafetensorsEntry entry = Entry(name);
        return entry.ByteLength <= int.MaxValue
            ? Bytes(name, 0, (int)entry.ByteLength)
            : throw new CheckpointException(
                Path, entry.Offset, $"tensor '{name}' has {entry.ByteLength} bytes, more than one span can hold.",
                int.MaxValue, entry.ByteLength,
                "Read it in parts with Bytes(name, offset, length).");
    }

    /// <summary>Part of a tensor's data: <paramref name="length"/> bytes from <paramref name="offset"/>,
    /// valid until <see cref="Dispose"/>.</summary>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside the tensor.</exception>
    public ReadOnlySpan<byte> Bytes(string name, long offset, int length)
    {
        SafetensorsEntry entry = Entry(name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, entry.ByteLength - offset);
        ObjectDisposedException.ThrowIf(start is null, this);
        return new ReadOnlySpan<byte>(start + entry.Offset + offset, length);
    }

    /// <summary>Unmaps the file; spans taken from it must not be used any more.</summary>
    public void Dispose()
    {
        if (start is null)
            return;
        start = null;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        mapping.Dispose();
    }

    /// <summary>Refuses what cannot be mapped, before anything is opened: to open a FIFO would wait for its writer.</summary>
    private static void RequireRegular(string path)
    {
        bool isPath = !string.IsNullOrWhiteSpace(path) && !path.Contains('\0', StringComparison.Ordinal);
        FileIdentity there = isPath ? FileIdentity.Of(path) : default;
        if (isPath && there.Kind is (FileKind.None or FileKind.Regular)) return; // to open it gives the system's own reason
        throw new CheckpointException(
            path, null, isPath ? $"cannot be opened: it is {there.Noun}." : "cannot be opened: the path is empty or holds a NUL.",
            hint: "Name a regular file.");
    }

    private static int HeaderLength(string path, FileStream stream, long length)
    {
        if (length < SafetensorsLayout.PrefixLength)
            throw new CheckpointException(
                path, 0, $"is {length} bytes long, and a safetensors file starts with "
                + $"{SafetensorsLayout.PrefixLength} bytes of header length.",
                SafetensorsLayout.PrefixLength, length, "The file is cut off or is not a safetensors file.");
        Span<byte> prefix = stackalloc byte[SafetensorsLayout.PrefixLength];
        stream.ReadExactly(prefix);
        ulong header = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        long most = Math.Min(SafetensorsLayout.MaxHeaderLength, length - SafetensorsLayout.PrefixLength);
        return header <= (ulong)most
            ? (int)header
            : throw new CheckpointException(
                path, 0, $"announces a header of {header} bytes; at most {most} are possible in a file of {length} bytes.",
                (long)Math.Min(header, long.MaxValue),
                most, "The file is cut off or is not a safetensors file.");
    }

    private void Parse(int headerLength, long length)
    {
        var reader = new SafetensorsHeaderReader(
            Path, new ReadOnlySpan<byte>(start + SafetensorsLayout.PrefixLength, headerLength));
        List<SafetensorsEntry> found = [.. reader.Read(metadata).OrderBy(e => e.Offset).ThenBy(e => e.ByteLength)];
        SafetensorsCoverage.Check(Path, found, reader.DataStart, length);
        foreach (SafetensorsEntry entry in found)
            entries.Add(entry.Name, entry);
        Names = found.ConvertAll(e => e.Name).AsReadOnly();
    }
}
