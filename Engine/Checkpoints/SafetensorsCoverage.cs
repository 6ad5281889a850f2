namespace AutogradCore;

/// <summary>The format's rule that tensors cover the data exactly:
/// no overlap, no hole, nothing after the last one, nothing past the end.</summary>
internal static class SafetensorsCoverage
{
    /// <summary>Checks entries that are sorted by offset against data from <paramref name="dataStart"/> to
    /// <paramref name="fileLength"/>.</summary>
    public static void Check(string file, IReadOnlyList<SafetensorsEntry> sorted, long dataStart, long fileLength)
    {
        long position = dataStart;
        string before = "the header";
        foreach (SafetensorsEntry entry in sorted)
        {
            if (entry.Offset != position)
                throw new CheckpointException(
                    file, entry.Offset,
                    entry.Offset < position
                        ? $"tensor '{entry.Name}' overlaps {before} by {position - entry.Offset} bytes."
                        : $"there is a hole of {entry.Offset - position} bytes between {before} and tensor '{entry.Name}'.",
                    position, entry.Offset, "The file is damaged or was written by something else than a safetensors library.");
            position += entry.ByteLength;
            if (position > fileLength)
                throw new CheckpointException(
                    file, entry.Offset,
                    $"tensor '{entry.Name}' needs {entry.ByteLength} bytes and the file ends after {fileLength - entry.Offset}.",
                    position, fileLength, "The file is cut off; copy it again.");
            before = $"tensor '{entry.Name}'";
        }
        if (position < fileLength)
            throw new CheckpointException(
                file, position, $"{fileLength - position} bytes follow {before} and belong to no tensor.", position, fileLength,
                "The file is damaged or something was appended to it.");
    }
}
