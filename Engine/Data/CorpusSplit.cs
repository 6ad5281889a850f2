namespace AutogradCore;

/// <summary>A corpus in two parts that share no byte.</summary>
/// <param name="Training">What batches are drawn from.</param>
/// <param name="HeldOut">What a model is judged on.</param>
public readonly record struct CorpusSplit(ReadOnlyMemory<byte> Training, ReadOnlyMemory<byte> HeldOut);
