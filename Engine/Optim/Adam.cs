namespace AutogradCore.Optim;

/// <summary>Adam (Kingma &amp; Ba 2015): m = β₁·m + (1−β₁)·g;  v = β₂·v + (1−β₂)·g²;  w −= η·m̂/(√v̂ + ε), and AdamW, which also
/// shrinks w by η·λ (Loshchilov &amp; Hutter 2019).</summary>
/// <remarks>m̂ = m/(1−β₁ᵗ) and v̂ = v/(1−β₂ᵗ), where t counts the updates of the parameter itself: a parameter that had no
/// gradient for many steps starts as every other did.</remarks>
public class Adam : Optimizer
{
    private const string Moment1 = "moment1", Moment2 = "moment2";
    private readonly double _beta1, _beta2, _epsilon, _weightDecay;
    private readonly bool _decoupled;

    /// <summary>Adam with the given settings; weight decay is L2, added to the gradient.</summary>
    /// <exception cref="ModelException">A setting lies outside its range.</exception>
    public Adam(IEnumerable<Parameter> parameters, LearningRate rate, double beta1 = 0.9, double beta2 = 0.999,
        double epsilon = 1e-8, double weightDecay = 0)
        : this(parameters, rate, beta1, beta2, epsilon, weightDecay, decoupled: false)
    {
    }

    private protected Adam(IEnumerable<Parameter> parameters, LearningRate rate, double beta1, double beta2, double epsilon,
        double weightDecay, bool decoupled) : base(parameters, rate)
    {
        if (beta1 is not (>= 0 and < 1) || beta2 is not (>= 0 and < 1))
            throw new ModelException($"Adam with betas {beta1} and {beta2}.", "use values in [0, 1)");
        if (!(epsilon > 0 && double.IsFinite(epsilon)) || !(weightDecay >= 0 && double.IsFinite(weightDecay)))
            throw new ModelException($"Adam with epsilon {epsilon} and weight decay {weightDecay}.",
                "epsilon is finite and above 0, weight decay finite and 0 or more");
        (_beta1, _beta2, _epsilon, _weightDecay, _decoupled) = (beta1, beta2, epsilon, weightDecay, decoupled);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> StateKinds => [Moment1, Moment2];

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, double rate, double gradientScale)
    {
        IBackend backend = parameter.Data.Backend;
        double updates = UpdateCount(parameter) + 1.0;
        View m = Remembered(Moment1, parameter, out bool isNew).View;
        if (isNew) backend.Fill(m, 0);
        View v = Remembered(Moment2, parameter, out isNew).View;
        if (isNew) backend.Fill(v, 0);
        backend.Adam(parameter.Data.View, parameter.Gradient.View, m, v, new AdamStep(rate, _beta1, _beta2, _epsilon,
            parameter.Decays ? _weightDecay : 0, _decoupled, 1 - Math.Pow(_beta1, updates),
            1 - Math.Pow(_beta2, updates), gradientScale));
    }
}

/// <summary>Adam with decoupled weight decay (Loshchilov &amp; Hutter 2019).</summary>
public sealed class AdamW : Adam
{
    /// <summary>AdamW with the given settings.</summary>
    /// <exception cref="ModelException">A setting lies outside its range.</exception>
    public AdamW(IEnumerable<Parameter> parameters, LearningRate rate, double beta1 = 0.9, double beta2 = 0.999,
        double epsilon = 1e-8, double weightDecay = 0.01)
        : base(parameters, rate, beta1, beta2, epsilon, weightDecay, decoupled: true)
    {
    }
}
