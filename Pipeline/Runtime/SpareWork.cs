using System.Collections.Immutable;
using System.Diagnostics;

namespace AutogradCore.Pipeline;

/// <summary>The opportunistic mode: W that a rank's list has for later, run piece by piece while the rank waits for a
/// message.</summary>
/// <remarks>W of one stage keep the order of the list, which is the order in which gradients accumulate: the bits stay the
/// same.</remarks>
internal sealed class SpareWork(ImmutableArray<Action> list, IReadOnlyList<PipelineStage> stages, RankLog log)
{
    private readonly HashSet<Action> _finished = [], _ahead = [];
    private readonly bool[] _blocked = new bool[stages.Count];
    private StepRun? _step;

    /// <summary>The W that runs at this moment; null between.</summary>
    public Action? Running { get; private set; }

    /// <summary>Where the rank stands in its list.</summary>
    public int Position { get; set; }

    /// <summary>Starts a step.</summary>
    public void Begin(StepRun step)
    {
        _step = step;
        Running = null;
        _finished.Clear();
    }

    /// <summary>Whether a W was finished before its turn.</summary>
    public bool HasFinished(Action weights) => _finished.Contains(weights);

    /// <summary>Runs spare work until a message is there; waits when there is none left.</summary>
    public Received RunUntil(Message message)
    {
        Received tensor;
        while (!_step!.Transport.TryReceive(message, out tensor))
        {
            if (Next() is not { } weights) return _step.Transport.Receive(message, _step.Cancellation);
            if (RunSome(weights, message, out tensor)) break;
        }
        return tensor;
    }

    /// <summary>Runs pieces of one W until it is done or the message is there, and notes them as one event.</summary>
    private bool RunSome(Action weights, Message message, out Received tensor)
    {
        StageGraph graph = stages[weights.Stage][weights.Microbatch];
        long start = Stopwatch.GetTimestamp();
        Running = weights;
        bool arrived = WeightPieces.RunUntil(
            graph.Graph, message, _step!.Transport, out bool finished, out tensor, _step.Cancellation);
        Running = null;
        if (finished) _finished.Add(weights);
        log.Add(weights, start);
        return arrived;
    }

    /// <summary>The first W of the list whose I has run and before which none of its stage is missing.</summary>
    private Action? Next()
    {
        Array.Clear(_blocked);
        _ahead.Clear();
        foreach (Action action in list.AsSpan()[Position..])
        {
            if (action.Kind == ActionKind.BackwardInputs) _ahead.Add(action);
            if (action.Kind == ActionKind.Backward) _blocked[action.Stage] = true;
            if (action.Kind != ActionKind.BackwardWeights || _blocked[action.Stage]) continue;
            if (_ahead.Contains(action.As(ActionKind.BackwardInputs))) _blocked[action.Stage] = true;
            else if (stages[action.Stage][action.Microbatch].OwesWeights) return action;
        }
        return null;
    }
}
