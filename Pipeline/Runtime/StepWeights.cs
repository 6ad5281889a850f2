namespace AutogradCore.Pipeline;

/// <summary>What each microbatch weighs in the loss of its step.</summary>
internal sealed class StepWeights
{
    private readonly double[] _weights;
    private readonly double _total;
    private readonly bool _equal, _sums;

    /// <param name="weights">One weight for each microbatch, finite and 0 or more.</param>
    /// <param name="sums">Whether losses are added as they are.</param>
    public StepWeights(double[] weights, bool sums)
    {
        (_weights, _sums, _equal) = (weights, sums, true);
        foreach (double weight in weights)
        {
            _total += weight;
            _equal &= weight == weights[0];
        }
    }

    /// <summary>The factor of a microbatch's loss, which is the gradient that its backward pass starts from. Equal weights give
    /// 1/n exactly, whatever they are.</summary>
    public double ShareOf(int microbatch) => _sums ? 1
        : _total == 0 ? 0
        : _equal ? 1.0 / _weights.Length
        : _weights[microbatch] / _total;

    /// <summary>The loss of the step; microbatches that weigh nothing are left out, whatever theirs is.</summary>
    public double Loss(ReadOnlySpan<double> losses)
    {
        if (_total == 0) return 0;
        double sum = 0;
        for (int m = 0; m < losses.Length; m++)
            if (_equal) sum += losses[m];
            else if (_weights[m] > 0) sum += _weights[m] * losses[m];
        return _sums ? sum : _equal ? sum / losses.Length : sum / _total;
    }
}
