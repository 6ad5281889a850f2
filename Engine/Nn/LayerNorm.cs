namespace AutogradCore.Nn;

/// <summary>Layer normalisation of the last axis, with gain and shift.  x, y:[..,C]</summary>
public sealed class LayerNorm : Module
{
    private readonly double _epsilon;

    /// <summary>Normalises <paramref name="features"/> = C features.</summary>
    /// <exception cref="ModelException"><paramref name="epsilon"/> is negative or not finite.</exception>
    public LayerNorm(int features, double epsilon = 1e-5)
    {
        _epsilon = LayerNormOp.CheckedEpsilon(epsilon);
        Weight = new([features], Initializer.Ones) { Decays = false };
        Bias = new([features]) { Decays = false };
    }

    /// <summary>The gain γ:[C], starting at one.</summary>
    public Parameter Weight { get; }

    /// <summary>The shift β:[C], starting at zero.</summary>
    public Parameter Bias { get; }

    /// <inheritdoc/>
    public override Value Forward(Value x) => x.LayerNorm(x.Graph.Parameter(Weight), x.Graph.Parameter(Bias), _epsilon);
}
