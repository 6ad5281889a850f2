namespace AutogradCore.Optim;

/// <summary>Updates parameters from their gradients. One instance may own a part of a model only, such as a pipeline stage's:
/// the bits do not depend on it.</summary>
public abstract class Optimizer : IDisposable
{
    private readonly Dictionary<string, Tensor> _state = [];
    private readonly Dictionary<string, Tensor> _prepared = [];
    private readonly Dictionary<(string, Parameter), string> _keys = [];
    private readonly Dictionary<Parameter, int?> _updates = [];

    /// <summary>An optimizer of the given parameters.</summary>
    /// <exception cref="ModelException">A parameter has no values yet, or two have one name.</exception>
    protected Optimizer(IEnumerable<Parameter> parameters, LearningRate rate)
    {
        Parameters = [.. parameters];
        Rate = rate;
        HashSet<string> names = [];
        foreach (Parameter parameter in Parameters)
        {
            _ = parameter.Data;
            if (!names.Add(parameter.Name))
                throw new ModelException($"Two parameters are called '{parameter.Name}'.",
                    "initialise them as parts of one model, which names them by path");
        }
        foreach (Parameter parameter in Parameters) parameter.Optimizer = this;
    }

    /// <summary>The parameters it updates.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The learning rate as a function of the step.</summary>
    public LearningRate Rate { get; }

    /// <summary>Steps taken, whatever they updated: where the learning rate stands. Settable to resume.</summary>
    /// <exception cref="ModelException">The value is negative.</exception>
    public int StepCount
    {
        get;
        set => field = Ranges.AtLeast(nameof(StepCount), value, 0);
    }

    /// <summary>What the optimizer remembers between steps, by name such as <c>moment1.blocks.0.mlp.up.weight</c>: the content
    /// of a checkpoint.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _state;

    /// <summary>How often a parameter has been updated since its state was made: what bias correction counts. A step in which
    /// it has no gradient does not update it, and <see cref="ForgetState"/> starts anew.</summary>
    public int UpdateCount(Parameter parameter) =>
        _updates.TryGetValue(parameter, out int? count) ? count ?? StepCount : 0;

    /// <summary>Sets how often a parameter has been updated, to resume. Restored state alone counts as updated in each of the
    /// <see cref="StepCount"/> steps.</summary>
    /// <exception cref="ModelException">The parameter is not one of <see cref="Parameters"/>, or the count is
    /// negative.</exception>
    public void SetUpdateCount(Parameter parameter, int count)
    {
        if (!Parameters.Contains(parameter))
            throw new ModelException($"The optimizer does not update parameter '{parameter.Name}'.");
        _updates[parameter] = Ranges.AtLeast($"The update count of parameter '{parameter.Name}'", count, 0);
    }

    /// <summary>Does what may fail before a step: computes its rate, and takes memory for the state of every trainable parameter
    /// that has a gradient. Changes no bit and no <see cref="State"/>; calling it again does nothing more.</summary>
    /// <remarks><see cref="Step"/> does it too. Several optimizers that must step together or not at all prepare all before the
    /// first steps.</remarks>
    /// <exception cref="ModelException">The rate of the step is negative or not finite.</exception>
    public void Prepare()
    {
        _ = RateOfStep();
        IReadOnlyList<string> kinds = StateKinds;
        foreach (Parameter parameter in Parameters)
        {
            if (!parameter.AwaitsUpdate) continue;
            for (int i = 0; i < kinds.Count; i++)
            {
                string key = KeyOf(kinds[i], parameter);
                if (!_state.ContainsKey(key) && !_prepared.ContainsKey(key)) _prepared[key] = StateFor(parameter);
            }
        }
    }

    /// <summary>Updates every trainable parameter that has a gradient.</summary>
    /// <param name="gradientScale">Multiplies gradients first: what <see cref="GradientNorm.Clip"/> returns.</param>
    /// <param name="requireGradient">Whether it is an error when no trainable parameter has a gradient; a pipeline stage behind a
    /// cut has none.</param>
    /// <exception cref="PhaseException">There is no gradient at all.</exception>
    /// <exception cref="ModelException"><paramref name="gradientScale"/>, or the rate of the step, is negative or not
    /// finite.</exception>
    public void Step(double gradientScale = 1, bool requireGradient = true)
    {
        Ranges.NotNegative(nameof(gradientScale), gradientScale);
        if (requireGradient && Parameters.Any(p => p.Trainable) && !Parameters.Any(p => p.AwaitsUpdate))
            throw new PhaseException($"Step found no gradient on any of {Parameters.Count} parameters.",
                "call BackwardWeights before Step, and ZeroGradient after it");
        Prepare();
        double rate = RateOfStep();
        foreach (Parameter parameter in Parameters)
        {
            if (!parameter.AwaitsUpdate) continue;
            int before = UpdateCount(parameter);
            Update(parameter, rate, gradientScale);
            parameter.Data.Touch();
            _updates[parameter] = before + 1;
        }
        StepCount++;
    }

    /// <summary>Forgets all gradients; nothing is zero-filled.</summary>
    public void ZeroGradient()
    {
        foreach (Parameter parameter in Parameters) parameter.ZeroGradient();
    }

    /// <summary>Frees the state.</summary>
    public void Dispose()
    {
        ForgetState();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the state; the next update of each parameter is as if it were its first. <see cref="StepCount"/>, and with
    /// it the learning rate, stays.</summary>
    public void ForgetState()
    {
        foreach (Tensor tensor in _state.Values) tensor.Dispose();
        foreach (Tensor tensor in _prepared.Values) tensor.Dispose();
        _state.Clear();
        _prepared.Clear();
        foreach (Parameter parameter in Parameters) parameter.CountRuns(0, 0);
        _updates.Clear();
    }

    /// <summary>Restores one state tensor from a checkpoint. Its parameter then counts as updated in each of the
    /// <see cref="StepCount"/> steps, until <see cref="SetUpdateCount"/> says otherwise.</summary>
    /// <exception cref="ModelException">No parameter has state of that name.</exception>
    /// <exception cref="ShapeMismatchException">The number of elements is not the parameter's; nothing has changed
    /// then.</exception>
    public void Restore<T>(string name, ReadOnlySpan<T> elements) where T : unmanaged
    {
        foreach (Parameter parameter in Parameters)
            foreach (string kind in StateKinds)
                if (name == $"{kind}.{parameter.Name}")
                {
                    Tensor state = Remembered(kind, parameter, out bool isNew);
                    try
                    {
                        state.CopyFrom(elements);
                        _updates[parameter] = null;
                        return;
                    }
                    catch when (isNew)
                    {
                        _state.Remove(name);
                        state.Dispose();
                        throw;
                    }
                }
        throw new ModelException($"The optimizer has no state called '{name}'.",
            "resume with the optimizer and the model that wrote the checkpoint");
    }

    /// <summary>Takes over a state tensor that a checkpoint has filled, of a kind that the parameter has none of.</summary>
    internal void AdoptState(string kind, Parameter parameter, Tensor tensor) => _state.Add(KeyOf(kind, parameter), tensor);

    /// <summary>The kinds of state, one tensor of the parameter's shape each.</summary>
    public abstract IReadOnlyList<string> StateKinds { get; }

    /// <summary>Updates one parameter; <see cref="UpdateCount"/> says how often it was updated before.</summary>
    protected abstract void Update(Parameter parameter, double rate, double gradientScale);

    /// <summary>The state tensor of a parameter, made at its first use with undefined content.</summary>
    protected Tensor Remembered(string kind, Parameter parameter, out bool isNew)
    {
        string key = KeyOf(kind, parameter);
        isNew = !_state.TryGetValue(key, out Tensor? tensor);
        if (isNew) _state[key] = tensor = _prepared.Remove(key, out Tensor? prepared) ? prepared : StateFor(parameter);
        return tensor!;
    }

    private string KeyOf(string kind, Parameter parameter)
    {
        if (!_keys.TryGetValue((kind, parameter), out string? key)) _keys[(kind, parameter)] = key = $"{kind}.{parameter.Name}";
        return key;
    }

    private double RateOfStep()
    {
        double rate = Rate.At(StepCount);
        return double.IsFinite(rate) && rate >= 0 && StepCount < int.MaxValue
            ? rate
            : throw new ModelException($"The learning rate of step {StepCount} is {rate}.",
                $"let the rate be finite and 0 or more at every step below {int.MaxValue}");
    }

    private static Tensor StateFor(Parameter parameter) => new(parameter.Data.Backend, parameter.Shape, parameter.Data.DType);
}
