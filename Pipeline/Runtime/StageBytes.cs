namespace AutogradCore.Pipeline;

/// <summary>What a stage holds for one microbatch, as the ops declare it; nothing after W or B.</summary>
/// <param name="Forwarded">Bytes after F.</param>
/// <param name="InputsDone">Bytes after I.</param>
public readonly record struct StageBytes(long Forwarded, long InputsDone);
