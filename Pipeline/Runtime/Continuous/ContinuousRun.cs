using System.Diagnostics;

namespace AutogradCore.Pipeline;

/// <summary>What all ranks of one run without flushes share.</summary>
/// <param name="Batches">The data.</param>
/// <param name="Board">Losses, norms, and which batches are whole.</param>
/// <param name="Transport">Moves activations.</param>
/// <param name="Seed">The seed of dropout and the like.</param>
/// <param name="First">The number of the run's first batch since training began.</param>
/// <param name="Progress">Who is told of each batch.</param>
/// <param name="Cancellation">Ends the run.</param>
internal sealed record ContinuousRun(BatchStream Batches, BatchBoard Board, ITransport Transport, ulong Seed, int First,
    IProgress<BatchResult>? Progress, CancellationToken Cancellation)
{
    /// <summary>When it began.</summary>
    public long Start { get; } = Stopwatch.GetTimestamp();
}
