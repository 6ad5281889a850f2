namespace AutogradCore;

/// <summary>Consecutive windows over held-out bytes: window i predicts bytes i·T+1 to i·T+T,
/// so no byte is predicted twice.</summary>
/// <remarks>The last (n-1) modulo T bytes fill no window and are left out.</remarks>
public sealed class EvaluationWindows
{
    private readonly ReadOnlyMemory<byte> data;

    /// <summary>Cuts <paramref name="data"/> into windows of <paramref name="timeSteps"/> predictions.</summary>
    /// <exception cref="CorpusException">The data is shorter than T+1 bytes.</exception>
    public EvaluationWindows(ReadOnlyMemory<byte> data, int timeSteps)
    {
        ByteWindow.Require(data.Length, timeSteps);
        (this.data, TimeSteps) = (data, timeSteps);
    }

    /// <summary>T, predictions per window.</summary>
    public int TimeSteps { get; }

    /// <summary>The number of windows, at least 1: floor((n-1) / T).</summary>
    public int Count => (data.Length - 1) / TimeSteps;

    /// <summary>Writes window <paramref name="index"/>.  inputs:[T]  targets:[T]  targets[t] = inputs[t+1]</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such window.</exception>
    /// <exception cref="ArgumentException">A span has not T elements.</exception>
    public void Fill(int index, Span<int> inputs, Span<int> targets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        ByteWindow.RequireLength(TimeSteps, inputs.Length, targets.Length);
        ByteWindow.Fill(data.Span, index * TimeSteps, inputs, targets);
    }
}
