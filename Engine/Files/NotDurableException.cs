namespace AutogradCore;

/// <summary>A file was replaced, but its new name may not survive a power failure: the folder could not be flushed.</summary>
/// <param name="message">Which file, and what the operating system said.</param>
/// <param name="inner">The error underneath.</param>
public sealed class NotDurableException(string message, Exception? inner = null) : IOException(message, inner);
