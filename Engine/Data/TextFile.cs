using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace AutogradCore;

/// <summary>Reads a file that should be text: UTF-8 without a NUL in its first 8 KiB.</summary>
internal static class TextFile
{
    private const int Sniffed = 8 << 10;

    /// <summary>The file's bytes, or null with the offset of the first byte that is not text. A pipe is read to its
    /// end.</summary>
    /// <exception cref="IOException">It cannot be read, or is longer than an array.</exception>
    public static byte[]? Read(string path, out long badOffset)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        // The start comes first, so that large binary files in a folder are not read whole.
        byte[] start = new byte[Sniffed];
        int sniffed = stream.ReadAtLeast(start, Sniffed, throwOnEndOfStream: false);
        badOffset = start.AsSpan(0, sniffed).IndexOf((byte)0);
        if (badOffset >= 0) return null;
        byte[] bytes = sniffed < Sniffed ? start[..sniffed] : ReadOn(stream, start);
        if (!Utf8.IsValid(bytes)) badOffset = FirstInvalid(bytes);
        return badOffset < 0 ? bytes : null;
    }

    private static byte[] ReadOn(FileStream stream, byte[] start)
    {
        long expected = stream.CanSeek ? stream.Length : 0;
        if (expected > Array.MaxLength) throw TooLong();
        byte[] bytes = new byte[Math.Max(expected, 2 * Sniffed)];
        start.CopyTo(bytes, 0);
        int length = start.Length;
        while (stream.Read(bytes.AsSpan(length)) is > 0 and var read)
        {
            length += read;
            if (length < bytes.Length || length == expected) continue; // nothing is read into no room: that was all
            if (length == Array.MaxLength) throw TooLong();
            Array.Resize(ref bytes, (int)Math.Min(2L * length, Array.MaxLength));
        }
        return length == bytes.Length ? bytes : bytes[..length];
    }

    private static IOException TooLong() => new($"it is longer than the {Array.MaxLength} bytes of an array.");

    private static long FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out int consumed) == OperationStatus.Done)
            at += consumed;
        return at;
    }
}
