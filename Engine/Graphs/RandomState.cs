namespace AutogradCore;

/// <summary>Where in a training run a graph is, as far as random numbers are concerned.</summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Step">The optimizer step.</param>
/// <param name="Microbatch">The microbatch within the step.</param>
public readonly record struct RandomState(ulong Seed, int Step = 0, int Microbatch = 0)
{
    /// <summary>The stream of one layer: a function of these numbers and the layer's key alone.</summary>
    public RandomStream For(ulong layer) =>
        new(Philox.Block(Seed, layer, 0).Low, (ulong)(uint)Step << 32 | (uint)Microbatch);
}
