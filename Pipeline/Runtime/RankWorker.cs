using System.Diagnostics;

namespace AutogradCore.Pipeline;

/// <summary>What all ranks of one step share: the data, the messages, the losses, and the first failure.</summary>
internal sealed class StepRun(IMicrobatches data, RandomState random, ITransport transport, bool fuseWeights,
    CancellationToken cancellation)
{
    public IMicrobatches Data => data;

    public RandomState Random => random;

    public ITransport Transport => transport;

    public bool FuseWeights => fuseWeights;

    public CancellationToken Cancellation => cancellation;

    public double[] Losses { get; } = new double[data.Count];

    public long Start { get; } = Stopwatch.GetTimestamp();
}

/// <summary>Executes one rank's list of actions: a switch over what each action means.</summary>
internal sealed class RankWorker(int rank, Schedule schedule, IReadOnlyList<PipelineStage> stages)
{
    private readonly List<TimelineEvent> _events = [];

    /// <summary>What this rank ran in the last step.</summary>
    public IReadOnlyList<TimelineEvent> Events => _events;

    /// <summary>Runs the list once.</summary>
    /// <exception cref="PipelineException">An action failed.</exception>
    public void Run(StepRun step)
    {
        _events.Clear();
        ReadOnlySpan<Action> actions = schedule[rank].AsSpan();
        while (!actions.IsEmpty)
        {
            Action action = actions[0];
            step.Cancellation.ThrowIfCancellationRequested();
            int count = action.Kind == ActionKind.BackwardWeights && step.FuseWeights ? ConsecutiveWeights(actions) : 1;
            try
            {
                Execute(action, count, step);
            }
            catch (Exception e) when (e is not OperationCanceledException || !step.Cancellation.IsCancellationRequested)
            {
                throw new PipelineException(rank, action, e);
            }
            actions = actions[count..];
        }
    }

    private void Execute(Action action, int count, StepRun step)
    {
        PipelineStage stage = stages[action.Stage];
        StageGraph graph = stage[action.Microbatch];
        switch (action.Kind)
        {
            case ActionKind.Forward:
                Forward(action, stage, graph, step);
                break;
            case ActionKind.BackwardInputs or ActionKind.Backward:
                Backward(action, stage, graph, step);
                break;
            case ActionKind.BackwardWeights:
                long start = Stopwatch.GetTimestamp();
                Weights(action, stage, count);
                Record(action, start, step, count);
                break;
            default: // Transfers follow from the computation; a schedule that spells them out says nothing new here.
                break;
        }
    }

    private void Forward(Action action, PipelineStage stage, StageGraph graph, StepRun step)
    {
        RandomState random = step.Random with { Microbatch = action.Microbatch };
        long start;
        if (stage.Index == 0)
        {
            start = Stopwatch.GetTimestamp();
            graph.Forward(step.Data, random);
        }
        else
        {
            using Received activation = step.Transport.Receive(action.As(ActionKind.ReceiveForward), step.Cancellation);
            start = Stopwatch.GetTimestamp();
            graph.Forward(activation.View, step.Data, random);
        }
        Action next = (action with { Stage = action.Stage + 1 }).As(ActionKind.ReceiveForward);
        if (stage.IsLast) step.Losses[action.Microbatch] = graph.Output.Item();
        else step.Transport.Send(next, graph.Output.View, stage.Backend);
        graph.ReleaseOutput();
        Record(action, start, step);
    }

    private void Backward(Action action, PipelineStage stage, StageGraph graph, StepRun step)
    {
        // B is one action: its result leaves when all of it is done. To send after I is what splitting it means.
        bool weights = action.Kind == ActionKind.Backward;
        long start;
        if (stage.IsLast)
        {
            start = Stopwatch.GetTimestamp();
            graph.Backward(1.0 / step.Data.Count, weights);
        }
        else
        {
            using Received gradient = step.Transport.Receive(action.As(ActionKind.ReceiveBackward), step.Cancellation);
            start = Stopwatch.GetTimestamp();
            graph.Backward(gradient.View, weights);
        }
        if (stage.Index > 0) SendInputGradient(action, stage, graph, step.Transport);
        Record(action, start, step);
    }

    /// <summary>Every I of a later stage sends one message, which the stage before takes even where it is frozen.</summary>
    private static void SendInputGradient(Action action, PipelineStage stage, StageGraph graph, ITransport transport)
    {
        Action message = (action with { Stage = action.Stage - 1 }).As(ActionKind.ReceiveBackward);
        if (!graph.HasInputGradient)
        {
            NoGradient.Send(transport, message, stage.Backend);
            return;
        }
        transport.Send(message, graph.InputGradient, stage.Backend);
        graph.ReleaseInputGradient();
    }

    private static void Weights(Action action, PipelineStage stage, int count)
    {
        Graph[] graphs = System.Buffers.ArrayPool<Graph>.Shared.Rent(count);
        int owing = 0;
        for (int i = 0; i < count; i++)
            if (stage[action.Microbatch + i] is { OwesWeights: true } graph) graphs[owing++] = graph.Graph;
        Graph.BackwardWeights(graphs.AsSpan(0, owing));
        System.Buffers.ArrayPool<Graph>.Shared.Return(graphs, clearArray: true);
    }

    private void Record(Action action, long start, StepRun step, int count = 1)
    {
        double from = Stopwatch.GetElapsedTime(step.Start, start).TotalSeconds;
        _events.Add(new TimelineEvent(rank, action, from, Stopwatch.GetElapsedTime(start).TotalSeconds, count));
    }

    private static int ConsecutiveWeights(ReadOnlySpan<Action> actions)
    {
        int count = 1;
        Action first = actions[0];
        while (count < actions.Length && actions[count] == first with { Microbatch = first.Microbatch + count }) count++;
        return count;
    }
}
