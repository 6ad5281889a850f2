using System.Diagnostics;

namespace AutogradCore.Pipeline;

/// <summary>W that a stage owes its present batch, run piece by piece while it waits for a message, in the order in which
/// gradients accumulate: the bits stay the same.</summary>
internal sealed class OwedWeights(PipelineStage stage, StageUpdates updates, RankLog log, int microbatches)
{
    private readonly Queue<(Action Weights, StageGraph Graph)> _owed = [];

    /// <summary>Starts a run.</summary>
    public void Begin() => _owed.Clear();

    /// <summary>Notes W of a microbatch whose I has run.</summary>
    public void Add(Action weights, StageGraph graph) => _owed.Enqueue((weights, graph));

    /// <summary>Takes back W of consecutive microbatches whose turn has come, begun or not.</summary>
    /// <returns>How many of them, from the first, are done.</returns>
    public int Take(Action first, int count)
    {
        int left = 0;
        while (_owed.TryPeek(out (Action Weights, StageGraph Graph) next) && next.Weights.Microbatch < first.Microbatch + count)
        {
            _owed.Dequeue();
            left++;
        }
        return count - left;
    }

    /// <summary>Runs what is owed until a message is there; waits when there is nothing left.</summary>
    /// <exception cref="PipelineException">A W failed.</exception>
    public Received RunUntil(Message message, ContinuousRun run)
    {
        Received tensor;
        while (!run.Transport.TryReceive(message, out tensor))
        {
            if (!_owed.TryPeek(out (Action Weights, StageGraph Graph) next))
                return run.Transport.Receive(message, run.Cancellation);
            bool finished = true, arrived = false;
            try
            {
                if (next.Graph.OwesWeights) arrived = Run(next, message, run, out finished, out tensor);
            }
            catch (Exception e) when (e is not OperationCanceledException || !run.Cancellation.IsCancellationRequested)
            {
                throw new PipelineException(stage.Index, next.Weights, e);
            }
            if (finished) _owed.Dequeue();
            if (arrived) break;
        }
        return tensor;
    }

    private bool Run((Action Weights, StageGraph Graph) next, Message message, ContinuousRun run, out bool finished,
        out Received tensor)
    {
        updates.BeforeWeights(next.Weights.Microbatch / microbatches);
        long start = Stopwatch.GetTimestamp();
        bool arrived = WeightPieces.RunUntil(
            next.Graph.Graph, message, run.Transport, out finished, out tensor, run.Cancellation);
        log.Add(next.Weights, start);
        return arrived;
    }
}
