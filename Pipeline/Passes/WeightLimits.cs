namespace AutogradCore.Pipeline;

/// <summary>How many W a rank may owe, and how much it may hold.</summary>
internal readonly record struct WeightLimits(int Pending, MemoryCap Memory)
{
    internal static WeightLimits None { get; } = new(int.MaxValue, MemoryCap.None);
}
