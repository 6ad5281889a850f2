namespace AutogradCore.Nn;

/// <summary>A table of vectors looked up by number.  ids:[..] Int32  y:[..,C]</summary>
public sealed class Embedding : Module
{
    /// <summary>A table of V = <paramref name="vocabulary"/> rows of C = <paramref name="features"/>.</summary>
    public Embedding(int vocabulary, int features, Initializer? initializer = null) =>
        Weight = new([vocabulary, features], initializer ?? Initializer.Normal(0.02));

    /// <summary>The table:[V,C].</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    public override Value Forward(Value x) => x.Graph.Parameter(Weight).Embedding(x);
}
