namespace AutogradCore;

/// <summary>A checkpoint that cannot be read, written or described:
/// which file, where in it, and the lengths that disagree.</summary>
public sealed class CheckpointException : AutogradException
{
    /// <summary>Creates the error; the message becomes "file, byte offset: problem".</summary>
    /// <param name="file">The checkpoint's path, or null before there is one.</param>
    /// <param name="offset">Where in the file, in bytes from its start, or null when it is not about a position.</param>
    /// <param name="problem">What is wrong.</param>
    /// <param name="expected">The length that was needed, in bytes, if the error is about one.</param>
    /// <param name="found">The length that was there, in bytes, if the error is about one.</param>
    /// <param name="hint">The next step.</param>
    /// <param name="inner">The error underneath, if any.</param>
    public CheckpointException(
        string? file, long? offset, string problem, long? expected = null, long? found = null, string? hint = null,
        Exception? inner = null)
        : base(Describe(file, offset, problem), hint, inner)
        => (File, Offset, Expected, Found) = (file, offset, expected, found);

    /// <summary>The checkpoint's path, or null.</summary>
    public string? File { get; }

    /// <summary>The tensor's name, or null when it is not about one.</summary>
    public string? Tensor { get; init; }

    /// <summary>Bytes from the start of the file, or null.</summary>
    public long? Offset { get; }

    /// <summary>The length that was needed, in bytes, or null.</summary>
    public long? Expected { get; }

    /// <summary>The length that was there, in bytes, or null.</summary>
    public long? Found { get; }

    private static string Describe(string? file, long? offset, string problem)
        => (file, offset) switch
        {
            (null, _) => problem,
            (_, null) => $"{file}: {problem}",
            _ => $"{file}, byte {offset}: {problem}",
        };
}
