namespace AutogradCore.Optim;

/// <summary>Stochastic gradient descent: g += λ·w;  m = μ·m + (1−τ)·g;  w −= η·(Nesterov ? g + μ·m : m). PyTorch's form
/// (Sutskever et al. 2013).</summary>
public sealed class Sgd : Optimizer
{
    private const string Velocity = "velocity";
    private readonly double _momentum, _dampening, _weightDecay;
    private readonly bool _nesterov;

    /// <summary>SGD with the given settings.</summary>
    /// <param name="parameters">What to update.</param>
    /// <param name="rate">η.</param>
    /// <param name="momentum">μ in [0,1); 0 keeps no state.</param>
    /// <param name="nesterov">Look ahead; needs momentum and no dampening.</param>
    /// <param name="weightDecay">λ, for parameters that decay.</param>
    /// <param name="dampening">τ in [0,1]: the share of each gradient after the first that the velocity leaves out.</param>
    /// <exception cref="ModelException">A setting lies outside its range.</exception>
    public Sgd(IEnumerable<Parameter> parameters, LearningRate rate, double momentum = 0, bool nesterov = false,
        double weightDecay = 0, double dampening = 0) : base(parameters, rate)
    {
        if (momentum is not (>= 0 and < 1)) throw new ModelException($"SGD with momentum {momentum}.", "use a value in [0, 1)");
        if (nesterov && (momentum == 0 || dampening != 0))
            throw new ModelException($"Nesterov with momentum {momentum} and dampening {dampening}.",
                "it needs momentum above 0 and no dampening");
        if (!(weightDecay >= 0 && double.IsFinite(weightDecay)))
            throw new ModelException($"SGD with weight decay {weightDecay}.", "use a finite value of 0 or more");
        if (dampening is not (>= 0 and <= 1))
            throw new ModelException($"SGD with dampening {dampening}.", "use a value in [0, 1]");
        (_momentum, _nesterov, _weightDecay, _dampening) = (momentum, nesterov, weightDecay, dampening);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> StateKinds => _momentum == 0 ? [] : [Velocity];

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, double rate, double gradientScale)
    {
        bool first = false;
        View velocity = _momentum == 0 ? default : Remembered(Velocity, parameter, out first).View;
        parameter.Data.Backend.Sgd(parameter.Data.View, parameter.Gradient.View, velocity,
            new SgdStep(rate, _momentum, _dampening, _nesterov, parameter.Decays ? _weightDecay : 0, first, gradientScale));
    }
}
