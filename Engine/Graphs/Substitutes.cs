namespace AutogradCore;

/// <summary>What stands in for parameters and random keys while one use of a layer is recorded that is used elsewhere too: each use
/// then has gradients and random numbers of its own, whether or not the uses share a graph.</summary>
public sealed class Substitutes
{
    /// <summary>What is recorded in place of a parameter.</summary>
    public IDictionary<Parameter, Parameter> Parameters { get; } =
        new Dictionary<Parameter, Parameter>(ReferenceEqualityComparer.Instance);

    /// <summary>The key in place of a layer's.</summary>
    public IDictionary<ulong, ulong> RandomKeys { get; } = new Dictionary<ulong, ulong>();
}
