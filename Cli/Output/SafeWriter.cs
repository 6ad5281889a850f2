using System.Text;

namespace AutogradCore.Cli;

/// <summary>A writer that never throws: what cannot be written is dropped, and the first failure is kept.</summary>
/// <remarks>A full disk behind stdout or a closed stderr must not keep a command from saving, or from saying how it
/// ended.</remarks>
internal sealed class SafeWriter(TextWriter inner) : TextWriter(inner.FormatProvider)
{
    /// <summary>Why the first text that was lost could not be written; null while all was written.</summary>
    public Exception? Failure { get; private set; }

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Write([value]);

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write(value + CoreNewLineText);

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (Failure is not null) return;
        try
        {
            inner.Write(buffer);
        }
        catch (Exception error) when (IsOfTheStream(error))
        {
            Failure = error;
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        if (Failure is not null) return;
        try
        {
            inner.Flush();
        }
        catch (Exception error) when (IsOfTheStream(error))
        {
            Failure = error;
        }
    }

    private string CoreNewLineText => new(CoreNewLine);

    private static bool IsOfTheStream(Exception error) =>
        error is IOException or UnauthorizedAccessException or ObjectDisposedException or NotSupportedException;
}
