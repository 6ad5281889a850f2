namespace AutogradCore;

/// <summary>Training text that cannot be read or is too small for what was asked: which path, and the first bad byte.</summary>
public sealed class CorpusException : AutogradException
{
    /// <summary>Creates the error; the message becomes "path, byte offset: problem".</summary>
    /// <param name="path">The file or folder, or null when it is about all of them.</param>
    /// <param name="offset">The first bad byte, from the start of the file, or null.</param>
    /// <param name="problem">What is wrong.</param>
    /// <param name="hint">The next step.</param>
    /// <param name="inner">The error underneath, if any.</param>
    public CorpusException(string? path, long? offset, string problem, string? hint = null, Exception? inner = null)
        : base((path, offset) switch
        {
            (null, _) => problem,
            (_, null) => $"{path}: {problem}",
            _ => $"{path}, byte {offset}: {problem}",
        }, hint, inner)
        => (Path, Offset) = (path, offset);

    /// <summary>The file or folder, or null.</summary>
    public string? Path { get; }

    /// <summary>The first bad byte, from the start of the file, or null.</summary>
    public long? Offset { get; }
}
