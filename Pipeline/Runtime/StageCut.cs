namespace AutogradCore.Pipeline;

/// <summary>Cuts a list of layers into stages.</summary>
internal static class StageCut
{
    /// <summary>The stage of each layer.</summary>
    public static int[] StagesOf(ReadOnlySpan<int> starts, int layers)
    {
        int[] stageOf = new int[layers];
        for (int s = 1; s < starts.Length; s++) Array.Fill(stageOf, s, starts[s], layers - starts[s]);
        return stageOf;
    }

    /// <summary>The stages, each with its layers, its parameters, and its ends of skip connections.</summary>
    /// <exception cref="PipelineException">A parameter lives elsewhere, or a skip connection has no start.</exception>
    public static PipelineStage[] Make(IReadOnlyList<Module> layers, int[] stageOf, SharedWeights shared,
        IReadOnlyList<IBackend> backends, PipelineOptions options)
    {
        SkipRoutes routes = new(layers, stageOf);
        PipelineStage[] stages = new PipelineStage[backends.Count];
        for (int s = 0; s < stages.Length; s++)
        {
            RunnerChecks.RequirePlacement(shared.Owned[s], backends[s], s);
            LayerUse[] uses = [.. Enumerable.Range(0, layers.Count).Where(l => stageOf[l] == s)
                .Select(l => new LayerUse(layers[l], shared.Of(l)))];
            stages[s] = new PipelineStage(s, uses, shared.Owned[s], backends[s], routes, options, isLast: s == stages.Length - 1);
        }
        return stages;
    }
}
