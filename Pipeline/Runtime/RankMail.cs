namespace AutogradCore.Pipeline;

/// <summary>What a rank sends and receives: one message for each port of a stage and microbatch.</summary>
internal sealed class RankMail(int rank, Schedule schedule, IReadOnlyList<PipelineStage> stages)
{
    /// <summary>The B among all actions: whose gradients wait for weights too.</summary>
    private readonly HashSet<Action> _whole = [.. schedule.Actions.SelectMany(list => list).Where(a => a.Kind == ActionKind.Backward)];

    /// <summary>Announces all receives of a step, in the order of the rank's list.</summary>
    public void PostAll(ITransport transport)
    {
        foreach (Action action in schedule[rank])
        {
            if (action.Kind is not (ActionKind.Forward or ActionKind.BackwardInputs or ActionKind.Backward)) continue;
            PipelineStage stage = stages[action.Stage];
            if (action.Kind != ActionKind.Forward && !stage.Trains) continue;
            foreach (Port port in PortsOf(action, stage)) transport.Post(Incoming(action, port), stage.Backend);
        }
    }

    /// <summary>Waits for all that F, I or B of a stage needs.</summary>
    /// <param name="action">F, I or B.</param>
    /// <param name="stage">The action's stage.</param>
    /// <param name="inbox">Where it goes.</param>
    /// <param name="step">The step.</param>
    /// <param name="spare">What to do meanwhile; null for nothing.</param>
    public Arrival Receive(Action action, PipelineStage stage, Inbox inbox, StepRun step, SpareWork? spare)
    {
        IReadOnlyList<Port> ports = PortsOf(action, stage);
        long moved = 0;
        Action? waitedFor = null;
        for (int i = 0; i < ports.Count; i++)
        {
            Message message = Incoming(action, ports[i]);
            bool isAway = schedule.RankOf(ports[i].Peer) != rank;
            if (!step.Transport.TryReceive(message, out Received tensor))
            {
                if (isAway) waitedFor = Sender(action, ports[i]);
                tensor = spare is null
                    ? step.Transport.Receive(message, step.Cancellation)
                    : spare.RunUntil(message);
            }
            inbox.Put(i, tensor);
            if (isAway) moved += inbox[i].Bytes;
        }
        return new(moved, waitedFor);
    }

    /// <summary>Sends a stage's results on.</summary>
    public static void SendOutputs(int microbatch, PipelineStage stage, StageGraph graph, ITransport transport)
    {
        for (int i = 0; i < stage.OutOf.Count; i++)
        {
            Port port = stage.OutOf[i];
            Message message = new(new Action(port.Peer, ActionKind.ReceiveForward, microbatch), port.Channel);
            transport.Send(message, graph.Output(i).View, stage.Backend);
        }
    }

    /// <summary>Sends the gradients of a stage's inputs back to those that have anything to train; where none has come through, word
    /// of that.</summary>
    public static void SendInputGradients(int microbatch, PipelineStage stage, StageGraph graph, ITransport transport)
    {
        for (int i = 0; i < stage.Into.Count; i++)
        {
            if (!stage.SendsGradient(i)) continue;
            Port port = stage.Into[i];
            Message message = new(new Action(port.Peer, ActionKind.ReceiveBackward, microbatch), port.Channel);
            if (!graph.HasInputGradient(i))
            {
                NoGradient.Send(transport, message, stage.Backend);
                continue;
            }
            transport.Send(message, graph.InputGradient(i), stage.Backend);
            graph.ReleaseInputGradient(i);
        }
    }

    private static IReadOnlyList<Port> PortsOf(Action action, PipelineStage stage) =>
        action.Kind == ActionKind.Forward ? stage.Into : stage.OutOf;

    private static Message Incoming(Action action, Port port) =>
        new(action.As(action.Kind == ActionKind.Forward ? ActionKind.ReceiveForward : ActionKind.ReceiveBackward), port.Channel);

    private Action Sender(Action action, Port port)
    {
        Action there = action with { Stage = port.Peer };
        if (action.Kind == ActionKind.Forward) return there;
        return there.As(_whole.Contains(there.As(ActionKind.Backward)) ? ActionKind.Backward : ActionKind.BackwardInputs);
    }
}
