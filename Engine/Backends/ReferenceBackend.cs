namespace AutogradCore;

/// <summary>The specification of every verb in plain loops, for float and double. Sums are taken in double, in index order.</summary>
public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual string Name => "reference";

    /// <inheritdoc/>
    public MemoryPool Memory { get; } = new();
}
