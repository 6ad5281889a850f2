namespace AutogradCore;

/// <summary>Text as bytes, the simplest vocabulary (256 tokens) for a language model,
/// loaded in the same order on each machine.</summary>
public sealed class ByteCorpus
{
    private readonly byte[] bytes;

    private ByteCorpus(byte[] bytes, IReadOnlyList<CorpusFile> files) => (this.bytes, Files) = (bytes, files);

    /// <summary>All files, one after the other.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>Which bytes came from which file, in order.</summary>
    public IReadOnlyList<CorpusFile> Files { get; }

    /// <summary>Loads files and folders in the given order; a file that is reached twice counts once.</summary>
    /// <remarks>
    /// Folders are walked recursively in ordinal order of the relative path. Inside them, whatever is hidden, a link, empty,
    /// binary (a NUL in the first 8 KiB) or not UTF-8, and folders called bin, obj or artifacts, are skipped silently.
    /// A file named here must be text.
    /// </remarks>
    /// <exception cref="CorpusException">
    /// A path is missing or unreadable, a file named here is not UTF-8 text, nothing was found, or more than 2 GB were.
    /// </exception>
    public static ByteCorpus Load(params IEnumerable<string> paths)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var parts = new List<(string Name, byte[] Bytes)>();
        string[] given = [.. paths];
        foreach (string path in given)
            Guard(path, () => Collect(path, seen, parts));
        if (parts.Sum(p => (long)p.Bytes.Length) is 0)
            throw new CorpusException(
                null, null, $"no text found in {(given.Length == 0 ? "an empty list of paths" : string.Join(", ", given))}.",
                "Name UTF-8 text files, or folders that hold some outside hidden folders, bin, obj and artifacts.");
        return Join(parts);
    }

    /// <summary>Splits off the end of each file: the held-out bytes are about <paramref name="heldOut"/> of all,
    /// and never trained on.</summary>
    /// <remarks>
    /// With C(i) the bytes up to and including file i, file i gives its last floor(h·C(i)) - floor(h·C(i-1)) bytes, so that the
    /// total is floor(h·all) even when the files are small. Each part is joined in file order into an array of its own.
    /// </remarks>
    /// <param name="heldOut">h, the fraction to hold out, in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="heldOut"/> is not in [0, 1).</exception>
    public CorpusSplit Split(double heldOut)
    {
        if (!(heldOut >= 0 && heldOut < 1))
            throw new ArgumentOutOfRangeException(nameof(heldOut), heldOut, "The held-out fraction is in [0, 1).");
        decimal fraction = (decimal)heldOut; // exact products, so that no file is asked for more than it has
        byte[] held = new byte[(int)(fraction * bytes.Length)], training = new byte[bytes.Length - held.Length];
        int heldUsed = 0, trainingUsed = 0;
        foreach (CorpusFile file in Files)
        {
            int tail = (int)(fraction * (file.Start + file.Length)) - heldUsed;
            int body = file.Length - tail;
            bytes.AsSpan(file.Start, body).CopyTo(training.AsSpan(trainingUsed));
            bytes.AsSpan(file.Start + body, tail).CopyTo(held.AsSpan(heldUsed));
            (trainingUsed, heldUsed) = (trainingUsed + body, heldUsed + tail);
        }
        return new CorpusSplit(training, held);
    }

    private static void Collect(string path, HashSet<string> seen, List<(string Name, byte[] Bytes)> parts)
    {
        if (Directory.Exists(path))
        {
            foreach ((string file, string name) in TextFolder.Files(path))
                if (new FileInfo(file).Length > 0 && !seen.Contains(file)
                    && TextFile.Read(file, out _) is { } text && seen.Add(file))
                    parts.Add((name, text));
        }
        else if (seen.Add(Path.GetFullPath(path)))
        {
            byte[] text = TextFile.Read(path, out long bad) ?? throw new CorpusException(
                path, bad, "this byte is not UTF-8 text.",
                "Convert the file to UTF-8, or name its folder to have binary files skipped.");
            parts.Add((path, text));
        }
    }

    private static ByteCorpus Join(List<(string Name, byte[] Bytes)> parts)
    {
        long total = parts.Sum(p => (long)p.Bytes.Length);
        if (total > Array.MaxLength)
            throw new CorpusException(
                null, null, $"the files have {total} bytes together; at most {Array.MaxLength} fit.", "Load fewer of them.");
        byte[] bytes = new byte[total];
        var files = new List<CorpusFile>(parts.Count);
        int start = 0;
        foreach ((string name, byte[] part) in parts)
        {
            part.CopyTo(bytes, start);
            files.Add(new CorpusFile(name, start, part.Length));
            start += part.Length;
        }
        return new ByteCorpus(bytes, files.AsReadOnly());
    }

    private static void Guard(string path, Action read)
    {
        try
        {
            read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CorpusException(
                path, null, $"cannot be read: {error.Message}", "Check the path and its permissions.", error);
        }
    }
}
