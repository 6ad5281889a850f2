namespace AutogradCore.Nn;

/// <summary>y = x·Wᵀ + b.  x:[..,K]  W:[M,K]  b:[M]  y:[..,M]</summary>
/// <remarks>Where x is <see cref="DType.BFloat16"/>, so is W as the product reads it; b and all gradients of parameters stay
/// floats.</remarks>
public sealed class Linear : Module
{
    /// <summary>A layer from K to M features.</summary>
    /// <param name="inFeatures">K.</param>
    /// <param name="outFeatures">M.</param>
    /// <param name="bias">Whether there is a b, starting at zero.</param>
    /// <param name="initializer">First values of W; uniform within 1/√K when left out.</param>
    public Linear(int inFeatures, int outFeatures, bool bias = true, Initializer? initializer = null)
    {
        Weight = new([outFeatures, inFeatures], initializer ?? Initializer.Uniform(1 / Math.Sqrt(Math.Max(inFeatures, 1))));
        if (bias) Bias = new([outFeatures]) { Decays = false };
    }

    /// <summary>W:[M,K].</summary>
    public Parameter Weight { get; }

    /// <summary>b:[M], or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override Value Forward(Value x) =>
        x.Linear(Precision.WeightFor(x, Weight), Bias is null ? null : x.Graph.Parameter(Bias));
}
