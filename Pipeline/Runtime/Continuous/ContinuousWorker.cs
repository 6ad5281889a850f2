using System.Diagnostics;

namespace AutogradCore.Pipeline;

/// <summary>Executes one stage's actions without flushes, each microbatch with the weight version of its batch.</summary>
internal sealed class ContinuousWorker(PipelineStage stage, StageUpdates updates, WeightPolicy policy, int microbatches)
{
    private readonly RankLog _log = new(stage.Index, [stage]);
    private readonly OneMicrobatch _data = new();
    private readonly Graph[] _owing = new Graph[microbatches];
    private int[] _versions = [];

    /// <summary>What the stage ran in the last run.</summary>
    public IReadOnlyList<TimelineEvent> Events => _log.Events;

    /// <summary>Works through an order.</summary>
    /// <param name="run">What the ranks share.</param>
    /// <param name="order">The actions.</param>
    /// <param name="slots">How many graphs the microbatches take turns in; no two in flight have the same.</param>
    /// <exception cref="PipelineException">An action failed.</exception>
    /// <exception cref="AnomalyException">The loss or the gradient norm of a batch is NaN or infinite.</exception>
    public void Run(ContinuousRun run, IEnumerable<WorkItem> order, int slots)
    {
        _log.Begin(run.Start);
        if (_versions.Length != slots) _versions = new int[slots];
        foreach ((Action action, int count) in order)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            while (policy == WeightPolicy.TwoBuffered && updates.IsPending && run.Board.Whole > updates.Updated) Update(run);
            double loss;
            try
            {
                loss = Execute(action, count, run);
            }
            catch (Exception e) when (e is not OperationCanceledException || !run.Cancellation.IsCancellationRequested)
            {
                throw e as PipelineException ?? new PipelineException(stage.Index, action, e);
            }
            Report(action, count, loss, run);
        }
        while (updates.IsPending) Update(run);
    }

    /// <summary>Runs an action.</summary>
    /// <returns>The loss where it is F of the last stage.</returns>
    private double Execute(Action action, int count, ContinuousRun run)
    {
        switch (action.Kind)
        {
            case ActionKind.Forward:
                return Forward(action, run);
            case ActionKind.BackwardInputs or ActionKind.Backward:
                Backward(action, run);
                break;
            case ActionKind.BackwardWeights:
                long start = Stopwatch.GetTimestamp();
                Weights(action, count);
                _log.Add(action, start, count: count);
                break;
            case ActionKind.Update when policy == WeightPolicy.Stashed && updates.Updated == action.Microbatch:
                Update(run);
                break;
            default: // Two versions: the update is made when its batch is whole. Transfers follow from the computation.
                break;
        }
        return double.NaN;
    }

    /// <summary>Tells the other ranks what an action has brought about.</summary>
    private void Report(Action action, int count, double loss, ContinuousRun run)
    {
        if (action.Kind == ActionKind.Forward && stage.IsLast)
            run.Board.NoteLoss(action.Microbatch / microbatches, action.Microbatch % microbatches, loss);
        if (action.Kind is ActionKind.BackwardWeights or ActionKind.Backward && updates.AfterWeights(count) is { } result)
        {
            run.Batches.Close(result.Batch - run.First);
            run.Progress?.Report(result);
        }
    }

    private double Forward(Action action, ContinuousRun run)
    {
        (int batch, int microbatch) = Math.DivRem(action.Microbatch, microbatches);
        int version = Require(batch, run);
        StageGraph graph = GraphOf(action.Microbatch);
        IMicrobatches data = _data.Of(run.Batches[batch], microbatch);
        RandomState random = new(run.Seed, run.First + batch, microbatch);
        Arrival arrival = Receive(action, ActionKind.ReceiveForward, stage.Into, graph.Activations, run);
        long start = Stopwatch.GetTimestamp();
        updates.Versions.Show(version);
        graph.Forward(data, random);
        updates.Versions.Retain(version);
        _versions[action.Microbatch % _versions.Length] = version;
        double loss = double.NaN;
        if (stage.IsLast) loss = graph.Output().Item();
        else RankMail.SendOutputs(action.Microbatch, stage, graph, run.Transport);
        graph.ReleaseOutputs();
        _log.Add(action, start, arrival);
        return loss;
    }

    /// <summary>The version that F of a batch reads, after the update that makes it.</summary>
    private int Require(int batch, ContinuousRun run)
    {
        int version = updates.VersionFor(batch);
        while (updates.Versions.Newest < version && updates.IsPending) Update(run);
        return version;
    }

    private void Backward(Action action, ContinuousRun run)
    {
        (int batch, int microbatch) = Math.DivRem(action.Microbatch, microbatches);
        StageGraph graph = GraphOf(action.Microbatch);
        bool weights = action.Kind == ActionKind.Backward;
        if (weights) updates.BeforeWeights(batch);
        Arrival arrival = stage.Trains
            ? Receive(action, ActionKind.ReceiveBackward, stage.OutOf, graph.Gradients, run)
            : default;
        long start = Stopwatch.GetTimestamp();
        if (stage.Recomputes) updates.Versions.Show(_versions[action.Microbatch % _versions.Length]);
        graph.Backward(_data.Of(run.Batches[batch], microbatch), weights);
        if (weights) ReleaseVersion(action.Microbatch);
        RankMail.SendInputGradients(action.Microbatch, stage, graph, run.Transport);
        _log.Add(action, start, arrival);
    }

    /// <summary>Waits for a message at each port.</summary>
    private Arrival Receive(Action action, ActionKind kind, IReadOnlyList<Port> ports, Inbox inbox, ContinuousRun run)
    {
        long moved = 0;
        Action? waitedFor = null;
        for (int i = 0; i < ports.Count; i++)
        {
            Message message = new(action.As(kind), ports[i].Channel);
            run.Transport.Post(message, stage.Backend);
            if (!run.Transport.TryReceive(message, out Received tensor))
            {
                waitedFor = action with { Stage = ports[i].Peer };
                tensor = run.Transport.Receive(message, run.Cancellation);
            }
            inbox.Put(i, tensor);
            moved += inbox[i].Bytes;
        }
        return new(moved, waitedFor);
    }

    private void Weights(Action first, int count)
    {
        updates.BeforeWeights(first.Microbatch / microbatches);
        int owing = 0;
        for (int i = 0; i < count; i++)
            if (GraphOf(first.Microbatch + i) is { OwesWeights: true } graph) _owing[owing++] = graph.Graph;
        Graph.BackwardWeights(_owing.AsSpan(0, owing));
        for (int i = 0; i < count; i++) ReleaseVersion(first.Microbatch + i);
    }

    private void ReleaseVersion(int microbatch) => updates.Versions.Release(_versions[microbatch % _versions.Length]);

    /// <summary>Makes the update that comes next; with two versions, when its batch is whole.</summary>
    private void Update(ContinuousRun run)
    {
        Action action = new(stage.Index, ActionKind.Update, updates.Updated);
        try
        {
            if (policy == WeightPolicy.TwoBuffered) run.Board.Await(action.Microbatch, run.Cancellation);
            long start = Stopwatch.GetTimestamp();
            updates.Update();
            _log.Add(action, start);
        }
        catch (Exception e) when (e is not OperationCanceledException || !run.Cancellation.IsCancellationRequested)
        {
            throw new PipelineException(stage.Index, action, e);
        }
    }

    private StageGraph GraphOf(int microbatch) => stage[microbatch % _versions.Length];
}
