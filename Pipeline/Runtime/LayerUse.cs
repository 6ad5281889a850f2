namespace AutogradCore.Pipeline;

/// <summary>One place of a layer in the list of layers; a layer, or a part of it, may have several.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Substitutes">What stands in for what an earlier place uses too; null for nothing.</param>
internal sealed record LayerUse(Module Layer, Substitutes? Substitutes)
{
    /// <summary>Records the layer on <paramref name="x"/>'s graph.</summary>
    public Value Record(Value x)
    {
        x.Graph.Substitutes = Substitutes;
        try
        {
            return Layer.Forward(x);
        }
        finally
        {
            x.Graph.Substitutes = null;
        }
    }
}
