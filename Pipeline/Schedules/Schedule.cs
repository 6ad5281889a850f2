using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>What every rank does, in order: an immutable list of actions per rank. Pure data; it may be illegal.</summary>
/// <remarks>
/// Equal when the actions and their overlaps are equal; <see cref="Name"/> is a label and does not count.
/// <see cref="ScheduleValidator"/> says whether it can run.
/// </remarks>
public sealed class Schedule : IEquatable<Schedule>
{
    private readonly int[] _rankOfStage;

    /// <summary>Takes the lists of actions, one per rank.</summary>
    /// <param name="name">A label for titles and errors.</param>
    /// <param name="actions">For each rank, its actions in order.</param>
    /// <param name="overlapped">The F that run overlapped with the backward after them: see <see cref="Overlapped"/>.</param>
    /// <exception cref="ScheduleException">A stage or a microbatch is negative or 2^31 - 1; an overlapped action is not an F with
    /// its B or I right behind it.</exception>
    public Schedule(
        string name, ImmutableArray<ImmutableArray<Action>> actions, IEnumerable<Action>? overlapped = null)
    {
        Name = name;
        Actions = actions;
        Overlapped = overlapped is null ? [] : [.. overlapped];
        foreach (var list in actions)
        {
            Count += list.Length;
            foreach (var action in list)
            {
                var numbered = action.Kind.IsStageWide()
                    ? action.Microbatch == Action.NoMicrobatch
                    : IsNumber(action.Microbatch);
                if (!IsNumber(action.Stage) || !numbered)
                    throw new ScheduleException($"Schedule '{name}' has {action}.", "stages and microbatches count from 0.");
                Stages = Math.Max(Stages, action.Stage + 1);
                if (action.Kind != ActionKind.Update)
                    Microbatches = Math.Max(Microbatches, action.Microbatch + 1);
            }
        }
        _rankOfStage = Stages <= Count ? StageHomes.Of(actions, Stages) : [];
        if (!Overlapped.IsEmpty && Overlapped.Except(Pairs(actions)) is { IsEmpty: false } single)
            throw new ScheduleException(
                $"Schedule '{name}' overlaps {single.First()} with no backward pass.",
                "an F overlaps the B or I right behind it.");
    }

    /// <summary>The same, from any lists.</summary>
    /// <inheritdoc cref="Schedule(string, ImmutableArray{ImmutableArray{Action}}, IEnumerable{Action}?)"/>
    public Schedule(string name, IEnumerable<IEnumerable<Action>> actions, IEnumerable<Action>? overlapped = null)
        : this(name, actions.Select(list => list.ToImmutableArray()).ToImmutableArray(), overlapped)
    {
    }

    /// <summary>A label for titles and errors.</summary>
    public string Name { get; }

    /// <summary>For each rank, its actions in order.</summary>
    public ImmutableArray<ImmutableArray<Action>> Actions { get; }

    /// <summary>The F that a runtime may overlap with the backward right after them on their rank: PyTorch's OVERLAP_F_B
    /// (DualPipeV). A permission: done one after the other, the results are the same.</summary>
    public ImmutableHashSet<Action> Overlapped { get; }

    /// <summary>How many ranks there are, idle ones included.</summary>
    public int Ranks => Actions.Length;

    /// <summary>How many stages there are: the largest stage number + 1.</summary>
    public int Stages { get; }

    /// <summary>How many microbatches there are in a step: the largest microbatch number + 1.</summary>
    public int Microbatches { get; }

    /// <summary>How many actions there are on all ranks.</summary>
    public int Count { get; }

    /// <summary>The actions of one rank.</summary>
    /// <param name="rank">The rank, from 0.</param>
    public ImmutableArray<Action> this[int rank] => Actions[rank];

    /// <summary>The rank a stage lives on: the one with most of its F, I, W and B; -1 when no rank names the stage.</summary>
    /// <param name="stage">The stage, from 0.</param>
    public int RankOf(int stage) => (uint)stage < (uint)_rankOfStage.Length ? _rankOfStage[stage] : -1;

    /// <summary>The stages that live on a rank, ascending; several for interleaved and V placements.</summary>
    /// <param name="rank">The rank, from 0.</param>
    public IEnumerable<int> StagesOf(int rank) => Enumerable.Range(0, _rankOfStage.Length).Where(s => _rankOfStage[s] == rank);

    /// <summary>How much of one rank's part of the model a stage is, when all stages are equal: ranks that have stages / stages.
    /// 1 for one stage per rank, 1/2 for two.</summary>
    public double StageShare =>
        _rankOfStage.Length == 0 ? 1 : _rankOfStage.Where(rank => rank >= 0).Distinct().Count() / (double)_rankOfStage.Length;

    /// <summary>The same actions under another label.</summary>
    /// <param name="name">The new label.</param>
    public Schedule Named(string name) => new(name, Actions, Overlapped);

    /// <summary>The schedule in PyTorch's CSV layout: one row per rank, one cell per action.</summary>
    public string ToCsv()
    {
        using var text = new StringWriter();
        WriteCsv(text);
        return text.ToString();
    }

    /// <summary>Writes <see cref="ToCsv"/> row by row, for schedules whose text is too long for one string.</summary>
    /// <param name="csv">Where to; stays open.</param>
    public void WriteCsv(TextWriter csv) => ScheduleCsv.Write(this, csv);

    /// <summary>Reads PyTorch's CSV layout; empty cells are idle steps and are dropped.</summary>
    /// <param name="csv">One row per rank; an empty row is a rank that does nothing.</param>
    /// <param name="name">A label, for example the file's name.</param>
    /// <exception cref="ScheduleFormatException">A cell is not an action; names row, cell, text and position.</exception>
    public static Schedule FromCsv(string csv, string name = "csv") => FromCsv(new StringReader(csv), name);

    /// <summary>The same, read piece by piece.</summary>
    /// <inheritdoc cref="FromCsv(string, string)"/>
    public static Schedule FromCsv(TextReader csv, string name = "csv") => ScheduleCsv.Read(csv, name);

    /// <summary>A text picture: one row per rank, one column per step.</summary>
    public string ToGrid()
    {
        using var text = new StringWriter();
        WriteGrid(text);
        return text.ToString();
    }

    /// <summary>Writes <see cref="ToGrid"/> row by row, for schedules whose picture is too large for one string.</summary>
    /// <param name="text">Where to; stays open.</param>
    public void WriteGrid(TextWriter text) => ScheduleGrid.Draw(this, text);

    /// <summary>Name and size, for example <c>1f1b: 4 ranks, 4 stages, 8 microbatches</c>.</summary>
    public override string ToString() => $"{Name}: {Ranks} ranks, {Stages} stages, {Microbatches} microbatches";

    /// <summary>Other lists under the same label. An overlapped pair that is no longer side by side is done one after the
    /// other.</summary>
    internal Schedule With(ImmutableArray<ImmutableArray<Action>> actions) =>
        new(Name, actions, Overlapped.IsEmpty ? null : Overlapped.Intersect(Pairs(actions)));

    /// <summary>Whether two neighbours in a list can run overlapped.</summary>
    internal static bool IsPair(Action first, Action second) =>
        first.Kind == ActionKind.Forward && second.Kind is ActionKind.Backward or ActionKind.BackwardInputs;

    private static IEnumerable<Action> Pairs(ImmutableArray<ImmutableArray<Action>> actions)
    {
        foreach (var list in actions)
            for (var i = 0; i + 1 < list.Length; i++)
                if (IsPair(list[i], list[i + 1]))
                    yield return list[i];
    }

    // The largest integer is no number: counts (largest number + 1) cannot overflow.
    private static bool IsNumber(int number) => number is >= 0 and < int.MaxValue;

    /// <inheritdoc/>
    public bool Equals(Schedule? other) =>
        other is not null && Ranks == other.Ranks
        && Actions.Zip(other.Actions).All(pair => pair.First.SequenceEqual(pair.Second))
        && Overlapped.SetEquals(other.Overlapped);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Schedule);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var list in Actions)
        {
            hash.Add(list.Length);
            foreach (var action in list)
                hash.Add(action);
        }
        return hash.ToHashCode();
    }
}
