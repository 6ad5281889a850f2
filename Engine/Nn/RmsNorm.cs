namespace AutogradCore.Nn;

/// <summary>Root-mean-square normalisation of the last axis, with gain.  x, y:[..,C]</summary>
public sealed class RmsNorm : Module
{
    private readonly double _epsilon;

    /// <summary>Normalises <paramref name="features"/> = C features.</summary>
    /// <exception cref="ModelException"><paramref name="epsilon"/> is negative or not finite.</exception>
    public RmsNorm(int features, double epsilon = 1e-6)
    {
        _epsilon = RmsNormOp.CheckedEpsilon(epsilon);
        Weight = new([features], Initializer.Ones) { Decays = false };
    }

    /// <summary>The gain γ:[C], starting at one.</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    public override Value Forward(Value x) => x.RmsNorm(x.Graph.Parameter(Weight), _epsilon);
}
