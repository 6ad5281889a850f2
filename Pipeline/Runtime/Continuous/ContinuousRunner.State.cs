namespace AutogradCore.Pipeline;

public sealed partial class ContinuousRunner
{
    private const string Older = WeightVersions.OlderPrefix, OptimizerState = "optimizer.";

    /// <summary>Batches whose update all stages have made; settable to resume, after parameters, older weights and optimizer
    /// state have been restored, as <see cref="Checkpoint.Load"/> does.</summary>
    public int BatchCount
    {
        get => Stages.Min(s => s.Optimizer.StepCount);
        set
        {
            foreach (PipelineStage stage in Stages) stage.Optimizer.StepCount = value;
            foreach (StageUpdates updates in _updates) updates.Mend();
        }
    }

    /// <summary>
    /// The version before the newest, which the next batch runs with, as parameters called <c>older.&lt;name&gt;</c>: what a
    /// checkpoint needs besides <see cref="Parameters"/> and the optimizers' state, to be saved and loaded along with them. None
    /// with stashed weights, where nothing older is needed between runs. They are views of this moment: ask again after a run.
    /// </summary>
    /// <exception cref="PipelineException">A run is under way.</exception>
    public IReadOnlyList<Parameter> OlderWeights => BetweenRuns(ShowOlder);

    /// <summary>All tensors of the training state, by name: parameters, <c>older.&lt;parameter&gt;</c>, and
    /// <c>optimizer.&lt;kind&gt;.&lt;parameter&gt;</c>. With <see cref="BatchCount"/> and <see cref="UpdateCounts"/> that is
    /// everything. They belong to the runner; ask again after a run.</summary>
    /// <exception cref="PipelineException">A run is under way.</exception>
    public IReadOnlyDictionary<string, Tensor> State() => BetweenRuns(() =>
    {
        Dictionary<string, Tensor> state = Parameters.Concat(ShowOlder()).ToDictionary(p => p.Name, p => p.Data);
        foreach (PipelineStage stage in Stages)
            foreach ((string name, Tensor tensor) in stage.Optimizer.State) state.Add(OptimizerState + name, tensor);
        return state;
    });

    /// <summary>How often each parameter has been updated, by name: fewer times than <see cref="BatchCount"/> where it had no
    /// gradient in some batches. Bias correction counts it.</summary>
    /// <exception cref="PipelineException">A run is under way.</exception>
    public IReadOnlyDictionary<string, int> UpdateCounts => BetweenRuns(() => Stages
        .SelectMany(s => s.Parameters.Select(p => (p.Name, Count: s.Optimizer.UpdateCount(p)))).ToDictionary());

    /// <summary>Takes up the training that a <see cref="State"/> was read from; where the older version is left out, as in a
    /// checkpoint of training with flushes, the next batch runs with the newest.</summary>
    /// <param name="state">Tensors on any backend.</param>
    /// <param name="batchCount">The <see cref="BatchCount"/> that belongs to them.</param>
    /// <param name="updateCounts">The <see cref="UpdateCounts"/> that belong to them; when null, each parameter with optimizer
    /// state was updated by every batch, and those without it by none.</param>
    /// <exception cref="PipelineException">A tensor or the state of the optimizer is missing, has no place here, or another
    /// shape; or a count is missing or negative. Nothing has changed then. Or a run is under way.</exception>
    public void Restore(IReadOnlyDictionary<string, Tensor> state, int batchCount,
        IReadOnlyDictionary<string, int>? updateCounts = null) => BetweenRuns(() =>
    {
        bool hasOlder = state.Keys.Any(k => k.StartsWith(Older, StringComparison.Ordinal));
        Dictionary<string, Parameter> weights = Parameters.Concat(hasOlder ? ShowOlder() : []).ToDictionary(p => p.Name);
        Dictionary<string, (Optim.Optimizer Optimizer, string Name, Parameter Parameter)> kept = StatePlaces();
        foreach (string name in weights.Keys)
            if (!state.ContainsKey(name)) throw new PipelineException($"The state to restore lacks '{name}'.");
        foreach ((string name, Tensor tensor) in state)
        {
            Parameter place = weights.GetValueOrDefault(name) ?? kept.GetValueOrDefault(name).Parameter
                ?? throw new PipelineException($"The state to restore has '{name}', which has no place in this runner.",
                    "restore into the model and the optimizer that it was read from");
            if (tensor.Shape != place.Shape || tensor.DType != place.Data.DType)
                throw new PipelineException($"'{name}' is {tensor} in the state to restore and {place.Data} here.");
        }
        Dictionary<Parameter, int> counts = CountsToRestore(state, batchCount, updateCounts);
        foreach (PipelineStage stage in Stages) stage.Optimizer.ForgetState();
        if (!hasOlder)
            foreach (StageUpdates updates in _updates) updates.Versions.Forget(int.MaxValue);
        foreach ((string name, Tensor tensor) in state)
            if (weights.TryGetValue(name, out Parameter? p)) Copy(tensor, p.Data.CopyFrom, p.Data.CopyFrom);
            else if (kept[name] is var (optimizer, own, _))
                Copy(tensor, e => optimizer.Restore(own, e), e => optimizer.Restore(own, e));
        foreach (PipelineStage stage in Stages)
            foreach (Parameter parameter in stage.Parameters)
                stage.Optimizer.SetUpdateCount(parameter, counts[parameter]);
        BatchCount = batchCount;
        return true;
    });

    /// <summary>The update count of each parameter. A parameter that was updated has all its optimizer's state, and so has one
    /// of which any state is there.</summary>
    private Dictionary<Parameter, int> CountsToRestore(
        IReadOnlyDictionary<string, Tensor> state, int batchCount, IReadOnlyDictionary<string, int>? updateCounts)
    {
        if (batchCount < 0) throw new PipelineException($"A batchCount of {batchCount}.", "use 0 or more");
        bool hasState = state.Keys.Any(k => k.StartsWith(OptimizerState, StringComparison.Ordinal));
        Dictionary<Parameter, int> counts = [];
        foreach (PipelineStage stage in Stages)
            foreach (Parameter parameter in stage.Parameters)
            {
                string[] kept = [.. stage.Optimizer.StateKinds.Select(kind => $"{OptimizerState}{kind}.{parameter.Name}")];
                bool any = kept.Any(state.ContainsKey);
                int count = any || kept.Length == 0 || !hasState ? batchCount : 0;
                if (updateCounts is not null && !updateCounts.TryGetValue(parameter.Name, out count))
                    throw new PipelineException($"The updateCounts to restore lack '{parameter.Name}'.");
                if (count < 0)
                    throw new PipelineException($"'{parameter.Name}' has {count} updates in the updateCounts to restore.");
                if ((any || (count > 0 && parameter.Trainable)) && kept.FirstOrDefault(k => !state.ContainsKey(k)) is { } missing)
                    throw new PipelineException(
                        $"The state to restore lacks '{missing}', which {stage.Optimizer.GetType().Name} needs.",
                        "restore into the optimizer that it was read from");
                counts.Add(parameter, count);
            }
        return counts;
    }

    /// <summary>The names of all optimizer state there can be, and where it goes.</summary>
    private Dictionary<string, (Optim.Optimizer, string, Parameter)> StatePlaces()
    {
        Dictionary<string, (Optim.Optimizer, string, Parameter)> places = [];
        foreach (PipelineStage stage in Stages)
            foreach (string kind in stage.Optimizer.StateKinds)
                foreach (Parameter parameter in stage.Parameters)
                {
                    string name = $"{kind}.{parameter.Name}";
                    places.Add(OptimizerState + name, (stage.Optimizer, name, parameter));
                }
        return places;
    }

    private IReadOnlyList<Parameter> ShowOlder() =>
        Policy == WeightPolicy.Stashed ? [] : [.. _updates.SelectMany(u => u.Versions.Older(Older))];

    private T BetweenRuns<T>(Func<T> read)
    {
        using OneAtATime.Turn turn = _turns.Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        return read();
    }

    private static void Copy(Tensor tensor, SpanAction<float> floats, SpanAction<double> doubles)
    {
        if (tensor.DType == DType.Float64) doubles(tensor.ToArray<double>());
        else floats(tensor.ToArray<float>());
    }

    private delegate void SpanAction<T>(ReadOnlySpan<T> elements);

    /// <summary>What is wrong with the stages, if anything.</summary>
    private string? Damage()
    {
        for (int s = 0; s < _updates.Length; s++)
            if (_updates[s].IsTorn) return $"The update of stage {s} broke off halfway; this runner cannot go on as it is.";
        int[] counts = [.. Stages.Select(s => s.Optimizer.StepCount)];
        return counts.Distinct().Count() == 1
            ? null
            : $"Stages stand after {string.Join(", ", counts)} updates; this runner cannot go on as it is.";
    }

    private void RequireWhole()
    {
        if (Damage() is { } damage) throw new PipelineException(damage, "restore a checkpoint, then set BatchCount");
    }
}
