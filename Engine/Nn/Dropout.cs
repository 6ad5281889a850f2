namespace AutogradCore.Nn;

/// <summary>Zeroes elements with probability p while training. Its random numbers follow from seed, step, microbatch, its path
/// and how often the path was used before in the same recording: two uses differ, and recording the model again gives the same
/// bits. Each training step draws another mask by itself: see <see cref="RandomState"/>.</summary>
/// <param name="p">The probability, in [0,1]; a <see cref="ModelException"/> refuses others.</param>
public sealed class Dropout(double p) : Module
{
    private readonly double _p = AutogradCore.Dropout.Checked(p);

    /// <inheritdoc/>
    public override Value Forward(Value x) => _p != 0 && IsTrainingOn(x.Graph) ? x.Dropout(_p, RandomKey) : x;
}
