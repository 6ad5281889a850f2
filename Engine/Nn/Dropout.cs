namespace AutogradCore.Nn;

/// <summary>Zeroes elements with probability p while training; its random numbers follow from seed, step, microbatch and its path alone.</summary>
/// <param name="p">The probability, in [0,1].</param>
public sealed class Dropout(double p) : Module
{
    /// <inheritdoc/>
    public override Value Forward(Value x) => IsTraining ? x.Dropout(p, RandomKey) : x;
}
