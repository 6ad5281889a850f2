namespace AutogradCore.Pipeline;

/// <summary>What must hold between the parts of a <see cref="PipelineRunner"/>.</summary>
internal static class RunnerChecks
{
    public static void RequireSplit(Schedule schedule, ReadOnlySpan<int> starts, int layers, int backends)
    {
        if (schedule.Stages != starts.Length || backends != starts.Length)
            throw new PipelineException(
                $"The schedule has {schedule.Stages} stages, the split {starts.Length}, and there are {backends} backends.",
                "generate the schedule for the number of stages of the split");
        RequireSplit(starts, layers);
    }

    public static void RequireSplit(ReadOnlySpan<int> starts, int layers)
    {
        for (int s = 0; s < starts.Length; s++)
            if (s == 0 ? starts[0] != 0 : starts[s] <= starts[s - 1] || starts[s] >= layers)
                throw new PipelineException(
                    $"Stages that start at layers {string.Join(", ", starts.ToArray())} of {layers} are no split.",
                    "starts ascend from 0");
    }

    public static void RequireClipNorm(double? clipNorm)
    {
        if (clipNorm is { } norm && !(norm > 0 && double.IsFinite(norm)))
            throw new PipelineException($"A ClipNorm of {norm}.", "use a positive, finite norm, or null for no clipping");
    }

    public static void RequireOwnBackends(Schedule schedule, IReadOnlyList<IBackend> backends)
    {
        Dictionary<IBackend, int> owners = new(ReferenceEqualityComparer.Instance);
        for (int s = 0; s < backends.Count; s++)
            if (!owners.TryAdd(backends[s], s) && schedule.RankOf(owners[backends[s]]) != schedule.RankOf(s))
                throw new PipelineException(
                    $"Stages {owners[backends[s]]} and {s} share a '{backends[s].Name}' backend, but run on different ranks.",
                    "give each rank a backend of its own");
    }

    public static void RequirePlacement(IEnumerable<Parameter> parameters, IBackend backend, int stage)
    {
        foreach (Parameter parameter in parameters)
            if (parameter.Data.Backend != backend)
                throw new PipelineException(
                    $"Parameter '{parameter.Name}' of stage {stage} lives on another backend than the stage.",
                    "initialise each stage's layers on that stage's backend; a shared parameter on that of its first layer");
    }
}
