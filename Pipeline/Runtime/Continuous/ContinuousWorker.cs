using System.Diagnostics;

namespace AutogradCore.Pipeline;

/// <summary>Executes one stage's actions without flushes, each microbatch with the weight version of its batch.</summary>
internal sealed class ContinuousWorker
{
    private readonly PipelineStage _stage;
    private readonly StageUpdates _updates;
    private readonly StageShares _shares;
    private readonly WeightPolicy _policy;
    private readonly int _microbatches;
    private readonly RankLog _log;
    private readonly OwedWeights _owed;
    private readonly OneMicrobatch _data = new();
    private readonly Graph[] _owing;
    private int[] _versions = [];
    private bool _fills;

    /// <param name="stage">The stage.</param>
    /// <param name="updates">Its weights.</param>
    /// <param name="shares">Its part in shared weights.</param>
    /// <param name="policy">Which weights a microbatch runs with.</param>
    /// <param name="microbatches">Microbatches in a batch.</param>
    /// <param name="timesActions">Whether every action waits for its device.</param>
    public ContinuousWorker(PipelineStage stage, StageUpdates updates, StageShares shares, WeightPolicy policy, int microbatches,
        bool timesActions)
    {
        (_stage, _updates, _shares, _policy, _microbatches) = (stage, updates, shares, policy, microbatches);
        (_log, _owing) = (new RankLog(stage.Index, [stage], timesActions), new Graph[microbatches]);
        _owed = new OwedWeights(stage, updates, _log, microbatches);
    }

    /// <summary>What the stage ran in the last run.</summary>
    public IReadOnlyList<TimelineEvent> Events => _log.Events;

    /// <summary>Works through an order.</summary>
    /// <param name="run">What the ranks share.</param>
    /// <param name="order">The actions.</param>
    /// <param name="slots">How many graphs the microbatches take turns in; no two in flight have the same.</param>
    /// <param name="fills">Whether W, which the order has in the order of I, run early while the stage waits.</param>
    /// <exception cref="PipelineException">An action failed.</exception>
    /// <exception cref="AnomalyException">The loss or the gradient norm of a batch is NaN or infinite.</exception>
    public void Run(ContinuousRun run, IEnumerable<WorkItem> order, int slots, bool fills)
    {
        _log.Begin(run.Start);
        _owed.Begin();
        _fills = fills;
        if (_versions.Length != slots) _versions = new int[slots];
        foreach ((Action action, int count) in order)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            while (CanUpdate(run)) Update(run);
            double loss;
            try
            {
                loss = Execute(action, count, run);
            }
            catch (Exception e) when (e is not OperationCanceledException || !run.Cancellation.IsCancellationRequested)
            {
                throw e as PipelineException ?? new PipelineException(_stage.Index, action, e);
            }
            Report(action, count, loss, run);
        }
        while (_updates.IsPending) Update(run);
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
                Weights(action, count);
                break;
            case ActionKind.Update when _policy == WeightPolicy.Stashed && _updates.Updated == action.Microbatch:
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
        if (action.Kind == ActionKind.Forward && _stage.IsLast)
            run.Board.NoteLoss(action.Microbatch / _microbatches, action.Microbatch % _microbatches, loss);
        if (action.Kind is ActionKind.BackwardWeights or ActionKind.Backward
            && _updates.AfterWeights(count, run.Transport, run.Cancellation) is { } result)
        {
            run.Batches.Close(result.Batch - run.First);
            run.Progress?.Report(result);
        }
    }

    private double Forward(Action action, ContinuousRun run)
    {
        (int batch, int microbatch) = Math.DivRem(action.Microbatch, _microbatches);
        int version = Require(batch, run);
        StageGraph graph = GraphOf(action.Microbatch);
        IMicrobatches data = _data.Of(run.Batches[batch], microbatch);
        RandomState random = new(run.Seed, run.First + batch, microbatch);
        Arrival arrival = Receive(action, ActionKind.ReceiveForward, _stage.Into, graph.Activations, run);
        long start = Stopwatch.GetTimestamp();
        _updates.Versions.Show(version);
        graph.Forward(data, random);
        _updates.Versions.Retain(version);
        _versions[action.Microbatch % _versions.Length] = version;
        double loss = double.NaN;
        if (_stage.IsLast)
        {
            if (run.Board.WeightsOf(batch) is null) run.Board.NoteWeights(batch, _stage.Targets.Weigh(run.Batches[batch]));
            loss = graph.ReadLoss();
        }
        else RankMail.SendOutputs(action.Microbatch, _stage, graph, run.Transport);
        graph.ReleaseOutputs();
        _log.Add(action, start, arrival);
        return loss;
    }

    /// <summary>The version that F of a batch reads, after the update that makes it.</summary>
    private int Require(int batch, ContinuousRun run)
    {
        int version = _updates.VersionFor(batch);
        while (_updates.Versions.Newest < version && _updates.IsPending) Update(run);
        return version;
    }

    private void Backward(Action action, ContinuousRun run)
    {
        (int batch, int microbatch) = Math.DivRem(action.Microbatch, _microbatches);
        StageGraph graph = GraphOf(action.Microbatch);
        bool weights = action.Kind == ActionKind.Backward;
        if (weights) _updates.BeforeWeights(batch);
        Arrival arrival = _stage.Trains
            ? Receive(action, ActionKind.ReceiveBackward, _stage.OutOf, graph.Gradients, run)
            : default;
        long start = Stopwatch.GetTimestamp();
        if (_stage.Recomputes) _updates.Versions.Show(_versions[action.Microbatch % _versions.Length]);
        double share = _stage.IsLast ? run.Board.WeightsOf(batch)!.ShareOf(microbatch) : 0;
        graph.Backward(_data.Of(run.Batches[batch], microbatch), share, weights);
        if (weights) ReleaseVersion(action.Microbatch);
        else if (_fills) _owed.Add(action.As(ActionKind.BackwardWeights), graph);
        RankMail.SendInputGradients(action.Microbatch, _stage, graph, run.Transport);
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
            run.Transport.Post(message, _stage.Backend);
            if (!run.Transport.TryReceive(message, out Received tensor))
            {
                waitedFor = action with { Stage = ports[i].Peer };
                tensor = _fills ? _owed.RunUntil(message, run) : run.Transport.Receive(message, run.Cancellation);
            }
            inbox.Put(i, tensor);
            moved += inbox[i].Bytes;
        }
        return new(moved, waitedFor);
    }

    /// <summary>W of consecutive microbatches of a batch, without those that were done in a wait.</summary>
    private void Weights(Action first, int count)
    {
        _updates.BeforeWeights(first.Microbatch / _microbatches);
        int done = _fills ? _owed.Take(first, count) : 0;
        long start = Stopwatch.GetTimestamp();
        int owing = 0;
        for (int i = done; i < count; i++)
            if (GraphOf(first.Microbatch + i) is { OwesWeights: true } graph) _owing[owing++] = graph.Graph;
        Graph.BackwardWeights(_owing.AsSpan(0, owing));
        for (int i = 0; i < count; i++) ReleaseVersion(first.Microbatch + i);
        if (done < count)
            _log.Add(first with { Microbatch = first.Microbatch + done }, start, count: count - done);
    }

    private void ReleaseVersion(int microbatch) => _updates.Versions.Release(_versions[microbatch % _versions.Length]);

    /// <summary>Whether the update that comes next needs no wait, with two versions.</summary>
    private bool CanUpdate(ContinuousRun run) => _policy == WeightPolicy.TwoBuffered && _updates.IsPending
        && run.Board.Whole > _updates.Updated && _shares.HaveArrived(_updates.Updated, run.Transport);

    /// <summary>Makes the update that comes next; with two versions, when its batch is whole.</summary>
    private void Update(ContinuousRun run)
    {
        Action action = new(_stage.Index, ActionKind.Update, _updates.Updated);
        try
        {
            if (_policy == WeightPolicy.TwoBuffered) run.Board.Await(action.Microbatch, run.Cancellation);
            _shares.AwaitValues(action.Microbatch, run.Transport, run.Cancellation);
            long start = Stopwatch.GetTimestamp();
            _updates.Update();
            _shares.SendValues(action.Microbatch, run.Transport);
            _log.Add(action, start);
        }
        catch (Exception e) when (e is not OperationCanceledException || !run.Cancellation.IsCancellationRequested)
        {
            throw new PipelineException(_stage.Index, action, e);
        }
    }

    private StageGraph GraphOf(int microbatch) => _stage[microbatch % _versions.Length];
}
