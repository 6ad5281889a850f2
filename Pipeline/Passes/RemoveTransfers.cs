namespace AutogradCore.Pipeline;

/// <summary>The opposite of <see cref="InsertTransfers"/>: the schedule without its spelled-out transfers,
/// which runtimes then place.</summary>
public static class RemoveTransfers
{
    /// <summary>Drops every SEND and RECV; all else keeps its order.</summary>
    /// <param name="schedule">Any schedule.</param>
    public static Schedule Apply(Schedule schedule) =>
        schedule.With([.. schedule.Actions.Select(list => list.RemoveAll(action => action.Kind.IsTransfer()))]);
}
