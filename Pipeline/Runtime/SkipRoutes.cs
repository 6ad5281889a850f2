using AutogradCore.Nn;

namespace AutogradCore.Pipeline;

/// <summary>The ports of each stage: its neighbours first, then the skip connections that cross its borders, ascending.</summary>
internal sealed class SkipRoutes
{
    private readonly List<Port>[] _in, _out;

    /// <summary>Finds the skip connections among the layers.</summary>
    /// <param name="layers">The layers in order.</param>
    /// <param name="stageOf">The stage of each layer.</param>
    /// <exception cref="PipelineException">One ends without a start before it, or stands twice.</exception>
    public SkipRoutes(IReadOnlyList<Module> layers, ReadOnlySpan<int> stageOf)
    {
        int stages = stageOf[^1] + 1;
        _in = [.. Enumerable.Range(0, stages).Select(s => s == 0 ? new List<Port>() : [new Port(s - 1, 0, null)])];
        _out = [.. Enumerable.Range(0, stages).Select(s => s == stages - 1 ? new List<Port>() : [new Port(s + 1, 0, null)])];
        Dictionary<Skip, int> starts = [];
        Dictionary<SkipIn, int> ends = [];
        for (int l = 0; l < layers.Count; l++)
            foreach (Module module in layers[l].Modules())
                if (module is SkipOut start) RequireOnce(starts.TryAdd(start.Skip, l), l);
                else if (module is SkipIn end) RequireOnce(starts.ContainsKey(end.Skip) && ends.TryAdd(end, l), l);
        int channel = 0;
        foreach ((Skip skip, int start) in starts.OrderBy(s => s.Value))
            foreach (SkipIn end in skip.Ends)
            {
                channel++;
                if (!ends.TryGetValue(end, out int layer) || stageOf[start] == stageOf[layer]) continue;
                _out[stageOf[start]].Add(new Port(stageOf[layer], channel, end));
                _in[stageOf[layer]].Add(new Port(stageOf[start], channel, end));
            }
    }

    /// <summary>What enters a stage.</summary>
    public IReadOnlyList<Port> Into(int stage) => _in[stage];

    /// <summary>What leaves a stage.</summary>
    public IReadOnlyList<Port> OutOf(int stage) => _out[stage];

    private static void RequireOnce(bool holds, int layer)
    {
        if (!holds)
            throw new PipelineException($"The skip connection at layer {layer} ends without a start before it, or stands twice.",
                "put Skip.Out once into the list of layers, and each Skip.In once after it");
    }
}
