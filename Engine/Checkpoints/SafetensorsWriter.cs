using System.Buffers.Binary;

namespace AutogradCore;

/// <summary>Collects tensors and writes them as one safetensors file that replaces the old one whole or not at all.</summary>
/// <remarks>
/// The same content gives the same bytes: tensors stay in the order of
/// <see cref="Add(string, string, ReadOnlySpan{long}, Action{Stream})"/>, metadata is sorted by key (ordinal).
/// The header is padded with spaces so that the data starts at a multiple of 64 bytes.
/// </remarks>
public sealed class SafetensorsWriter
{
    private const int Alignment = 64;
    private readonly List<(SafetensorsEntry Entry, Action<Stream> Write)> tensors = [];
    private readonly HashSet<string> names = new(StringComparer.Ordinal) { SafetensorsLayout.MetadataName };
    private long dataLength;

    /// <summary>Free text that travels with the tensors; written sorted by key, and not at all when empty.</summary>
    public SortedDictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds a tensor whose bytes are in memory; they are read by <see cref="Save"/>, not copied here.</summary>
    /// <inheritdoc cref="Add(string, string, ReadOnlySpan{long}, Action{Stream})"/>
    public void Add(string name, string dtype, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> data)
        => Add(name, dtype, shape, stream => stream.Write(data.Span));

    /// <summary>Adds a tensor whose bytes are produced while the file is written,
    /// so that a large one is never held twice.</summary>
    /// <param name="name">A name unlike the others and other than "__metadata__".</param>
    /// <param name="dtype">The element type, as in <see cref="SafetensorsEntry.Dtype"/>.</param>
    /// <param name="shape">The lengths of the axes, outermost first; empty for a scalar.</param>
    /// <param name="write">Writes exactly the tensor's bytes, row-major and little-endian;
    /// called once per <see cref="Save"/>.</param>
    /// <exception cref="CheckpointException">The name is taken or not valid Unicode, the type is unknown,
    /// or the shape has no byte length.</exception>
    public void Add(string name, string dtype, ReadOnlySpan<long> shape, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        int size = SafetensorsLayout.SizeOf(dtype);
        if (size == 0)
            throw new CheckpointException(
                null, null, $"tensor '{name}': unknown dtype '{dtype}'.", hint: $"Use one of {SafetensorsLayout.Dtypes}.");
        if (!SafetensorsLayout.TryByteLength(size, shape, out long length) || length > long.MaxValue / 2 - dataLength)
            throw new CheckpointException(
                null, null, $"tensor '{name}': shape [{string.Join(',', shape.ToArray())}] is negative or too large for a file.");
        if (!SafetensorsHeaderText.IsUnicode(name))
            throw new CheckpointException(
                null, null, $"tensor '{name}': the name has half a surrogate pair and cannot be stored.");
        if (!names.Add(name))
            throw new CheckpointException(
                null, null, $"tensor name '{name}' is taken.",
                hint: "Names are unique, and '__metadata__' is reserved for the metadata.");
        tensors.Add((new SafetensorsEntry(name, dtype, shape.ToArray(), dataLength, length), write));
        dataLength += length;
    }

    /// <summary>Writes the file beside its destination, flushes it to the device,
    /// and only then renames it over the destination.</summary>
    /// <param name="path">The destination; its folder must exist.</param>
    /// <param name="cancellation">Stops between chunks of 16 MiB, leaving the destination as it was.</param>
    /// <exception cref="CheckpointException">The file cannot be written,
    /// or a tensor's writer gave the wrong number of bytes.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.
    /// As after any other failure, the old file is untouched and no temporary file is left.</exception>
    public void Save(string path, CancellationToken cancellation = default)
    {
        byte[] header = SafetensorsHeaderText.Write(tensors.Select(t => t.Entry), Metadata, Alignment);
        if (header.Length > SafetensorsLayout.MaxHeaderLength)
            throw new CheckpointException(
                path, SafetensorsLayout.PrefixLength, $"the header would take {header.Length} bytes.",
                SafetensorsLayout.MaxHeaderLength, header.Length,
                "Move large texts out of the metadata.");
        long length = SafetensorsLayout.PrefixLength + header.Length + dataLength;
        try
        {
            AtomicFile.Replace(path, stream => Write(stream, path, header, cancellation), length);
        }
        catch (NotDurableException error)
        {
            throw new CheckpointException(
                path, null, error.Message, hint: "The new file is complete; save again once the storage works.", inner: error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(
                path, null, $"cannot be written ({length} bytes): {error.Message}", length,
                hint: "Check that the folder exists, is writable and has room; the previous file, if any, is unchanged.",
                inner: error);
        }
    }

    private void Write(Stream stream, string path, byte[] header, CancellationToken cancellation)
    {
        Span<byte> prefix = stackalloc byte[SafetensorsLayout.PrefixLength];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        stream.Write(prefix);
        stream.Write(header);
        foreach ((SafetensorsEntry entry, Action<Stream> write) in tensors)
        {
            cancellation.ThrowIfCancellationRequested();
            long start = prefix.Length + header.Length + entry.Offset;
            using var window = new BoundedStream(stream, path, entry, start, cancellation);
            write(window);
            window.ExpectFull();
        }
        cancellation.ThrowIfCancellationRequested();
    }
}
