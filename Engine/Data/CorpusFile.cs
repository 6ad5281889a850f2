namespace AutogradCore;

/// <summary>Where one file lies in a corpus.</summary>
/// <param name="Name">The path as given, or for a file found in a folder its path relative to that folder, with '/'.</param>
/// <param name="Start">The index of its first byte in <see cref="ByteCorpus.Bytes"/>.</param>
/// <param name="Length">Its bytes.</param>
public readonly record struct CorpusFile(string Name, int Start, int Length);
