namespace AutogradCore;

/// <summary>Random training batches as a pure function of (seed, step):
/// nothing to save, nothing to restore, any step at any time.</summary>
/// <remarks>Row b of step s starts at value s·B + b of a Philox stream, uniform over all windows of T+1 bytes.</remarks>
public sealed class BatchSampler
{
    private readonly ReadOnlyMemory<byte> data;
    private readonly RandomStream random;

    /// <summary>Samples windows from <paramref name="data"/>.</summary>
    /// <param name="data">The training bytes.</param>
    /// <param name="batch">B, windows per step.</param>
    /// <param name="timeSteps">T, predictions per window.</param>
    /// <param name="seed">Another seed gives other batches.</param>
    /// <exception cref="CorpusException">The data is shorter than T+1 bytes.</exception>
    public BatchSampler(ReadOnlyMemory<byte> data, int batch, int timeSteps, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ByteWindow.Require(data.Length, timeSteps);
        (this.data, Batch, TimeSteps) = (data, batch, timeSteps);
        random = RandomStream.Named("batches", seed);
    }

    /// <summary>B, windows per step.</summary>
    public int Batch { get; }

    /// <summary>T, predictions per window.</summary>
    public int TimeSteps { get; }

    /// <summary>Where row <paramref name="row"/> of a step starts in the data, in bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative, or there is no such row.</exception>
    public int Start(long step, int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Batch);
        return (int)random.Below((step * Batch) + row, data.Length - TimeSteps);
    }

    /// <summary>Writes one step.  inputs:[B,T]  targets:[B,T]  targets[b,t] = inputs[b,t+1]</summary>
    /// <exception cref="ArgumentException">A span has not B·T elements.</exception>
    public void Fill(long step, Span<int> inputs, Span<int> targets)
    {
        ByteWindow.RequireLength(checked(Batch * TimeSteps), inputs.Length, targets.Length);
        for (int row = 0; row < Batch; row++)
            FillRow(step, row, inputs.Slice(row * TimeSteps, TimeSteps), targets.Slice(row * TimeSteps, TimeSteps));
    }

    /// <summary>Writes one row of a step, so that microbatches are slices of the same batch.  inputs:[T]  targets:[T]</summary>
    /// <exception cref="ArgumentException">A span has not T elements.</exception>
    public void FillRow(long step, int row, Span<int> inputs, Span<int> targets)
    {
        ByteWindow.RequireLength(TimeSteps, inputs.Length, targets.Length);
        ByteWindow.Fill(data.Span, Start(step, row), inputs, targets);
    }
}
