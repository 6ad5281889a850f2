namespace AutogradCore;

/// <content>What a recording carries from one layer to another besides values handed on.</content>
public sealed partial class Graph
{
    private readonly Dictionary<ulong, int> _uses = [];
    private readonly Dictionary<object, Value> _remembered = new(ReferenceEqualityComparer.Instance);

    private readonly Dictionary<Module, bool?> _modes = new(ReferenceEqualityComparer.Instance);

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

    /// <summary>Notes the mode that a module is recorded in. A module recorded in both modes is no longer compared.</summary>
    internal void NoteMode(Module module, bool training) =>
        _modes[module] = _modes.TryGetValue(module, out bool? known) && known != training ? null : training;

    /// <summary>A recording stays what it is; running it in another mode than the model's would be silently wrong.</summary>
    private void RequireRecordedModes()
    {
        foreach ((Module module, bool? recorded) in _modes)
        {
            if (recorded is not { } training || training == module.IsTraining) continue;
            string name = module.Path.Length > 0 ? $"{module.GetType().Name} '{module.Path}'" : module.GetType().Name;
            throw new GraphException(
                $"{name} was recorded for {Mode(training)}, and the model was switched to {Mode(!training)} since.",
                $"switch back with Train({(training ? "" : "false")}), or record the model again: "
                + "after Clear, or on a second graph for the other mode");
        }

        static string Mode(bool training) => training ? "training" : "evaluation";
    }
}
