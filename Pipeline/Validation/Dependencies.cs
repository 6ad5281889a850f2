namespace AutogradCore.Pipeline;

/// <summary>What an action needs, and what it waits for; the one place that knows.</summary>
/// <remarks>
/// F of stage s needs F of s - 1; I and B need their own F and the gradient from s + 1; W needs its own I.
/// Where the schedule spells a transfer out, F or I needs the receive, the receive needs the send, the send needs the result.
/// A receive does not wait: the rank posts it and goes on. The F or I that reads the data waits for the send.
/// </remarks>
internal static class Dependencies
{
    /// <summary>No action needs more than this many others.</summary>
    internal const int Most = 2;

    /// <summary>The other end of a transfer: the RECV of a SEND, the SEND of a RECV.</summary>
    internal static Action Partner(Action transfer) => transfer.Kind switch
    {
        ActionKind.SendForward => new(transfer.Stage + 1, ActionKind.ReceiveForward, transfer.Microbatch),
        ActionKind.ReceiveForward => new(transfer.Stage - 1, ActionKind.SendForward, transfer.Microbatch),
        ActionKind.SendBackward => new(transfer.Stage - 1, ActionKind.ReceiveBackward, transfer.Microbatch),
        _ => new(transfer.Stage + 1, ActionKind.SendBackward, transfer.Microbatch),
    };

    /// <summary>The actions that must have finished before an action may start, written into <paramref name="room"/>: its needs,
    /// with sends in place of receives.</summary>
    internal static ReadOnlySpan<Action> Awaited(Action action, ScheduleIndex index, Span<Action> room)
    {
        if (IsReceive(action.Kind))
            return [];
        var count = Of(action, index, room).Length;
        foreach (ref var need in room[..count])
            if (IsReceive(need.Kind))
                need = Partner(need);
        return room[..count];
    }

    internal static bool IsReceive(ActionKind kind) => kind is ActionKind.ReceiveForward or ActionKind.ReceiveBackward;

    /// <summary>The actions needed, whether or not any rank runs them, written into <paramref name="room"/>.</summary>
    internal static ReadOnlySpan<Action> Of(Action action, ScheduleIndex index, Span<Action> room)
    {
        var count = 0;
        var (stage, kind, _) = action;
        switch (kind)
        {
            case ActionKind.Forward when stage > 0:
                room[count++] = Received(action.As(ActionKind.ReceiveForward)) ?? Neighbour(-1).As(ActionKind.Forward);
                break;
            case ActionKind.BackwardInputs or ActionKind.Backward:
                room[count++] = action.As(ActionKind.Forward);
                if (stage < index.Schedule.Stages - 1)
                    room[count++] = Received(action.As(ActionKind.ReceiveBackward)) ?? InputGradient(Neighbour(+1));
                break;
            case ActionKind.BackwardWeights:
                room[count++] = action.As(ActionKind.BackwardInputs);
                break;
            case ActionKind.SendForward:
                room[count++] = action.As(ActionKind.Forward);
                break;
            case ActionKind.ReceiveForward or ActionKind.ReceiveBackward:
                room[count++] = Partner(action);
                break;
            case ActionKind.SendBackward:
                room[count++] = InputGradient(action);
                break;
        }
        return room[..count];

        Action Neighbour(int offset) => action with { Stage = stage + offset };

        Action? Received(Action receive) => index.Has(receive) ? receive : null;

        // Where neither I nor B exists, the answer is the asker's own kind, which reads best in an error.
        Action InputGradient(Action of) =>
            index.Has(of.As(ActionKind.BackwardInputs)) ? of.As(ActionKind.BackwardInputs)
            : kind == ActionKind.BackwardInputs && !index.Has(of.As(ActionKind.Backward)) ? of.As(ActionKind.BackwardInputs)
            : of.As(ActionKind.Backward);
    }
}
