using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace AutogradCore;

/// <summary>Reads a file that should be text: UTF-8 without a NUL in its first 8 KiB.</summary>
internal static class TextFile
{
    private const int Sniffed = 8 << 10;

    /// <summary>The file's bytes, or null with the offset of the first byte that is not text.</summary>
    public static byte[]? Read(string path, out long badOffset)
    {
        using (FileStream stream = File.OpenRead(path))
        {
            if (stream.CanSeek && HasNul(stream, out badOffset))
                return null;
        }
        byte[] bytes = File.ReadAllBytes(path);
        badOffset = bytes.AsSpan(0, Math.Min(Sniffed, bytes.Length)).IndexOf((byte)0);
        if (badOffset < 0 && !Utf8.IsValid(bytes))
            badOffset = FirstInvalid(bytes);
        return badOffset < 0 ? bytes : null;
    }

    /// <summary>Looks at the start first, so that large binary files in a folder are not read whole.</summary>
    private static bool HasNul(FileStream stream, out long offset)
    {
        Span<byte> start = stackalloc byte[Sniffed];
        offset = start[..stream.ReadAtLeast(start, Sniffed, throwOnEndOfStream: false)].IndexOf((byte)0);
        return offset >= 0;
    }

    private static long FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out int consumed) == OperationStatus.Done)
            at += consumed;
        return at;
    }
}
