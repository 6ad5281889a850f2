namespace AutogradCore;

/// <summary>Where in a training run a graph is, as far as random numbers are concerned. What is left out, the graph finds by
/// itself for each step: see <see cref="Graph.Random"/>.</summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Step">The optimizer step; null for the steps that the optimizer of the graph's parameters has taken.</param>
/// <param name="Microbatch">The microbatch within the step; null for the runs since the optimizer's last step.</param>
public readonly record struct RandomState(ulong Seed, int? Step = null, int? Microbatch = null)
{
    /// <summary>The stream of one layer: a function of these numbers and the layer's key alone. A number left out is 0.</summary>
    public RandomStream For(ulong layer) =>
        new(Philox.Block(Seed, layer, 0).Low, (ulong)(uint)(Step ?? 0) << 32 | (uint)(Microbatch ?? 0));
}
