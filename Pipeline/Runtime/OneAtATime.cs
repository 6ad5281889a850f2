namespace AutogradCore.Pipeline;

/// <summary>Lets one caller in at a time. A second is refused, also one inside the first's call, where waiting for its end would
/// never end.</summary>
/// <param name="refusal">Why, such as "A step is under way."</param>
/// <param name="hint">What to do.</param>
internal sealed class OneAtATime(string refusal, string hint)
{
    private int _busy;

    /// <summary>Takes the turn, until the result is disposed.</summary>
    /// <exception cref="PipelineException">Another has it.</exception>
    public Turn Enter() => Interlocked.Exchange(ref _busy, 1) == 0 ? new Turn(this) : throw new PipelineException(refusal, hint);

    /// <summary>A turn.</summary>
    public readonly struct Turn(OneAtATime gate) : IDisposable
    {
        /// <summary>Ends it.</summary>
        public void Dispose() => Volatile.Write(ref gate._busy, 0);
    }
}
