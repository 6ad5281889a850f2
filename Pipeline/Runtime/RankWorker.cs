using System.Diagnostics;

namespace AutogradCore.Pipeline;

/// <summary>Executes one rank's list of actions: a switch over what each action means.</summary>
internal sealed class RankWorker
{
    private readonly int _rank;
    private readonly Schedule _schedule;
    private readonly IReadOnlyList<PipelineStage> _stages;
    private readonly PipelineStage[] _own;
    private readonly RankLog _log;
    private readonly RankMail _mail;
    private readonly SpareWork _spare;
    private readonly PipelineStage[] _byLastBackward;

    public RankWorker(int rank, Schedule schedule, IReadOnlyList<PipelineStage> stages, PipelineOptions options)
    {
        (_rank, _schedule, _stages) = (rank, schedule, stages);
        _own = [.. stages.Where(s => schedule.RankOf(s.Index) == rank)];
        _log = new RankLog(rank, _own, options.TimesActions);
        _mail = new RankMail(rank, schedule, stages);
        _spare = new SpareWork(schedule[rank], stages, _log);
        _byLastBackward =
        [
            .. schedule[rank].Reverse().Where(a => a.Kind is ActionKind.BackwardWeights or ActionKind.Backward)
                .Select(a => stages[a.Stage]).Distinct().Reverse(),
        ];
    }

    /// <summary>What this rank ran in the last step.</summary>
    public IReadOnlyList<TimelineEvent> Events => _log.Events;

    /// <summary>Runs the list once.</summary>
    /// <exception cref="PipelineException">An action failed.</exception>
    public void Run(StepRun step)
    {
        IDisposable[] held = _schedule.Microbatches > 1 ? [.. _own.Select(stage => stage.HoldWeights())] : [];
        try
        {
            RunList(step);
        }
        finally
        {
            foreach (IDisposable promise in held) promise.Dispose();
        }
    }

    private void RunList(StepRun step)
    {
        _log.Begin(step.Start);
        _spare.Begin(step);
        _mail.PostAll(step.Transport);
        ReadOnlySpan<Action> list = _schedule[_rank].AsSpan();
        for (int at = 0, count; at < list.Length; at += count)
        {
            step.Cancellation.ThrowIfCancellationRequested();
            _spare.Position = at;
            Action action = list[at];
            count = action.Kind == ActionKind.BackwardWeights && step.Options.FuseWeights ? ConsecutiveWeights(list[at..]) : 1;
            try
            {
                Execute(action, count, step);
            }
            catch (Exception e) when (e is not OperationCanceledException || !step.Cancellation.IsCancellationRequested)
            {
                throw new PipelineException(_rank, _spare.Running ?? action, e);
            }
        }
        foreach (PipelineStage stage in _own) stage.Settle(_rank);
    }

    /// <summary>Adds up the gradients that stages of other ranks have sent for weights of this rank's stages: the stage whose
    /// last W came first goes first, as the simulator has it.</summary>
    public void SumShared(SharedWeights shared, StepRun step)
    {
        foreach (PipelineStage stage in _byLastBackward)
        {
            if (!shared.HasGradientsFor(stage)) continue;
            long start = Stopwatch.GetTimestamp();
            long moved = shared.SumGradients(stage, step.Transport, step.Cancellation);
            _log.Add(new Action(stage.Index, ActionKind.ReduceGradient, Action.NoMicrobatch), start, new Arrival(moved, null));
        }
    }

    private void Execute(Action action, int count, StepRun step)
    {
        switch (action.Kind)
        {
            case ActionKind.Forward:
                Forward(action, _stages[action.Stage], step);
                break;
            case ActionKind.BackwardInputs or ActionKind.Backward:
                Backward(action, _stages[action.Stage], step);
                break;
            case ActionKind.BackwardWeights:
                Weights(action, _stages[action.Stage], count);
                break;
            default: // Transfers follow from the computation; a schedule that spells them out says nothing new here.
                break;
        }
    }

    private void Forward(Action action, PipelineStage stage, StepRun step)
    {
        StageGraph graph = stage[action.Microbatch];
        Arrival arrival = _mail.Receive(action, stage, graph.Activations, step, Spare(step));
        long start = Stopwatch.GetTimestamp();
        graph.Forward(step.Data, step.Random with { Microbatch = action.Microbatch });
        long made = Stopwatch.GetTimestamp();
        if (stage.IsLast)
        {
            step.Weights ??= stage.Targets.Weigh(step.Data);
            step.Losses[action.Microbatch] = graph.ReadLoss();
        }
        else RankMail.SendOutputs(action.Microbatch, stage, graph, step.Transport);
        double sending = stage.IsLast ? 0 : Stopwatch.GetElapsedTime(made).TotalSeconds;
        graph.ReleaseOutputs();
        _log.Add(action, start, arrival, sending: sending);
    }

    private void Backward(Action action, PipelineStage stage, StepRun step)
    {
        StageGraph graph = stage[action.Microbatch];
        Arrival arrival = stage.Trains ? _mail.Receive(action, stage, graph.Gradients, step, Spare(step)) : default;
        long start = Stopwatch.GetTimestamp();
        // B is one action: its result leaves when all of it is done. To send after I is what splitting it means.
        double share = stage.IsLast ? step.Weights!.ShareOf(action.Microbatch) : 0;
        graph.Backward(step.Data, share, weights: action.Kind == ActionKind.Backward);
        long made = Stopwatch.GetTimestamp();
        RankMail.SendInputGradients(action.Microbatch, stage, graph, step.Transport);
        double sending = stage.Index == 0 ? 0 : Stopwatch.GetElapsedTime(made).TotalSeconds;
        _log.Add(action, start, arrival, sending: sending);
    }

    /// <summary>W of consecutive microbatches, without those that were done in a wait.</summary>
    private void Weights(Action action, PipelineStage stage, int count)
    {
        while (count > 0 && _spare.HasFinished(action))
            (action, count) = (action with { Microbatch = action.Microbatch + 1 }, count - 1);
        if (count == 0) return;
        long start = Stopwatch.GetTimestamp();
        Graph[] graphs = System.Buffers.ArrayPool<Graph>.Shared.Rent(count);
        int owing = 0;
        for (int i = 0; i < count; i++)
            if (stage[action.Microbatch + i] is { OwesWeights: true } graph) graphs[owing++] = graph.Graph;
        Graph.BackwardWeights(graphs.AsSpan(0, owing));
        System.Buffers.ArrayPool<Graph>.Shared.Return(graphs, clearArray: true);
        _log.Add(action, start, count: count);
    }

    private SpareWork? Spare(StepRun step) => step.Options.Opportunistic ? _spare : null;

    private static int ConsecutiveWeights(ReadOnlySpan<Action> actions)
    {
        int count = 1;
        Action first = actions[0];
        while (count < actions.Length && actions[count] == first with { Microbatch = first.Microbatch + count }) count++;
        return count;
    }
}
