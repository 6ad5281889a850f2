namespace AutogradCore.Pipeline;

/// <summary>Finds where a schedule runs an action; a duplicate is found at its first place.</summary>
/// <remarks>Actions get the ids 0 .. Count - 1, rank by rank. Tables hold an entry per stage and microbatch, so where most pairs
/// have no action (a part of a timeline, a mistyped number) a dictionary takes their place.</remarks>
internal sealed class ScheduleIndex
{
    private readonly int[] _firstId;
    private readonly int[]?[] _idOfSlot = new int[]?[ActionKinds.Count];
    private readonly Dictionary<Action, int>? _idOf;

    internal ScheduleIndex(Schedule schedule)
    {
        Schedule = schedule;
        if (schedule.Stages * (long)schedule.Microbatches > schedule.Count)
            _idOf = [];
        _firstId = new int[schedule.Ranks + 1];
        var id = 0;
        for (var rank = 0; rank < schedule.Ranks; rank++)
        {
            foreach (var action in schedule[rank])
            {
                // What concerns a whole stage may come again and again, and nothing needs it; a batch number may be out of range.
                if (!action.Kind.IsStageWide() && action.Microbatch < schedule.Microbatches)
                    Add(action, id);
                id++;
            }
            _firstId[rank + 1] = id;
        }
    }

    internal Schedule Schedule { get; }

    /// <summary>The id of an action, or -1 when no rank runs it.</summary>
    internal int Find(Action action)
    {
        if (_idOf is not null)
            return _idOf.GetValueOrDefault(action, -1);
        return (uint)action.Stage < (uint)Schedule.Stages && (uint)action.Microbatch < (uint)Schedule.Microbatches
            ? _idOfSlot[(int)action.Kind]?[Slot(action)] ?? -1
            : -1;
    }

    internal bool Has(Action action) => Find(action) >= 0;

    internal int IdOf(int rank, int step) => _firstId[rank] + step;

    internal (int Rank, int Step) PlaceOf(int id)
    {
        var rank = Array.BinarySearch(_firstId, id);
        if (rank < 0)
            rank = ~rank - 1;
        while (_firstId[rank + 1] == id) // skip idle ranks
            rank++;
        return (rank, id - _firstId[rank]);
    }

    /// <summary>Every action with its place, rank by rank.</summary>
    internal IEnumerable<(int Rank, int Step, Action Action)> Places()
    {
        for (var rank = 0; rank < Schedule.Ranks; rank++)
            for (var step = 0; step < Schedule[rank].Length; step++)
                yield return (rank, step, Schedule[rank][step]);
    }

    private void Add(Action action, int id)
    {
        if (_idOf is not null)
        {
            _idOf.TryAdd(action, id);
            return;
        }
        ref var slot = ref (_idOfSlot[(int)action.Kind] ??= NewSlots())[Slot(action)];
        if (slot < 0)
            slot = id;
    }

    private int Slot(Action action) => action.Stage * Schedule.Microbatches + action.Microbatch;

    private int[] NewSlots()
    {
        var ids = new int[Schedule.Stages * Schedule.Microbatches];
        Array.Fill(ids, -1);
        return ids;
    }
}
