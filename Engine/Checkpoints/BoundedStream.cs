namespace AutogradCore;

/// <summary>A write-only window of an exact length on another stream:
/// writing past its end is an error, and so is stopping short.</summary>
/// <remarks>Its start in the file is given, since a pipe does not know its position.</remarks>
internal sealed class BoundedStream(
    Stream target, string file, SafetensorsEntry tensor, long start, CancellationToken cancellation) : Stream
{
    private const int Chunk = 16 << 20;
    private readonly long length = tensor.ByteLength;
    private long written;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => length;

    public override long Position
    {
        get => written;
        set => throw new NotSupportedException("A tensor is written from its first byte to its last.");
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length > length - written)
            throw Wrong(written + buffer.Length, "more");
        while (!buffer.IsEmpty)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> part = buffer[..Math.Min(Chunk, buffer.Length)];
            target.Write(part);
            written += part.Length;
            buffer = buffer[part.Length..];
        }
    }

    public void ExpectFull()
    {
        if (written < length)
            throw Wrong(written, "less");
    }

    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write-only.");
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("Write-only, in order.");
    public override void SetLength(long value) => throw new NotSupportedException("The length is the tensor's.");

    private CheckpointException Wrong(long found, string which) => new(
        file, start, $"tensor '{tensor.Name}' needs {length} bytes and its writer gave {found}, which is {which}.", length, found,
        "The shape and dtype given to Add fix the length; write exactly that many bytes.");
}
