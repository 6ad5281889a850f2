namespace AutogradCore;

/// <content>What a recording carries from one layer to another besides values handed on.</content>
public sealed partial class Graph
{
    private readonly Dictionary<ulong, int> _uses = [];
    private readonly Dictionary<object, Value> _remembered = new(ReferenceEqualityComparer.Instance);

    /// <summary>What stands in for parameters and random keys in what is recorded from here on; null for nothing.</summary>
    public Substitutes? Substitutes { get; set; }

    /// <summary>A key of random numbers for one more use of a layer:
    /// the first use in a recording has the layer's own, later ones others.</summary>
    public ulong RandomKey(ulong layer)
    {
        if (Substitutes is not null && Substitutes.RandomKeys.TryGetValue(layer, out ulong other)) layer = other;
        int use = _uses[layer] = _uses.GetValueOrDefault(layer) + 1;
        return RandomKeyOf(layer, use);
    }

    /// <summary>The key that <see cref="RandomKey"/> gives use number <paramref name="use"/>, from 1, of a layer.</summary>
    public static ulong RandomKeyOf(ulong layer, int use) => use == 1 ? layer : Philox.Block(layer, (ulong)use, 0).Low;

    /// <summary>Notes a value under a key for layers recorded later, as skip connections do; the last one noted counts.</summary>
    public void Remember(object key, Value value)
    {
        Own(value);
        _remembered[key] = value;
    }

    /// <summary>The value noted under a key since the graph was cleared, or null.</summary>
    public Value? Recall(object key) => _remembered.TryGetValue(key, out Value value) ? value : null;
}
