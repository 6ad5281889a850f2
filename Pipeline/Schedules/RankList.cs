using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace AutogradCore.Pipeline;

/// <summary>Builds the list of one rank: each call appends the next microbatch of a stage, so each kind comes in ascending
/// order.</summary>
/// <remarks>Past the last microbatch nothing is appended: a generator may count on as if there were enough of them.</remarks>
internal sealed class RankList(int microbatches)
{
    private readonly ImmutableArray<Action>.Builder _actions = ImmutableArray.CreateBuilder<Action>();
    private readonly Dictionary<(int Stage, ActionKind Kind), int> _done = [];
    private readonly List<Action> _overlapped = [];

    /// <summary>The F marked as overlapping what follows them.</summary>
    internal IReadOnlyList<Action> Overlapped => _overlapped;

    /// <summary>How many times F, I or W of a stage was asked for; a B counts as both I and W.</summary>
    internal int Done(int stage, ActionKind kind) => _done.GetValueOrDefault((stage, kind));

    /// <summary>F of the next microbatches.</summary>
    internal RankList F(int stage, int times = 1) => Add(stage, ActionKind.Forward, times);

    /// <summary>I of the next microbatches.</summary>
    internal RankList I(int stage, int times = 1) => Add(stage, ActionKind.BackwardInputs, times);

    /// <summary>W of the next microbatches.</summary>
    internal RankList W(int stage, int times = 1) => Add(stage, ActionKind.BackwardWeights, times);

    /// <summary>B of the next microbatches, whose W must not be owed.</summary>
    internal RankList B(int stage, int times = 1) => Add(stage, ActionKind.Backward, times);

    /// <summary>F of one stage, overlapped with B of another.</summary>
    internal RankList OverlapFB(int forwardStage, int backwardStage)
    {
        F(forwardStage);
        _overlapped.Add(_actions[^1]);
        return B(backwardStage);
    }

    /// <summary>U of a stage after a batch.</summary>
    internal RankList U(int stage, int batch)
    {
        _actions.Add(new(stage, ActionKind.Update, batch));
        return this;
    }

    internal ImmutableArray<Action> ToImmutable() => _actions.ToImmutable();

    private RankList Add(int stage, ActionKind kind, int times)
    {
        for (; times > 0; times--)
        {
            var microbatch = kind == ActionKind.Backward
                ? Math.Max(Advance(stage, ActionKind.BackwardInputs), Advance(stage, ActionKind.BackwardWeights))
                : Advance(stage, kind);
            if (microbatch < microbatches)
                _actions.Add(new(stage, kind, microbatch));
        }
        return this;
    }

    private int Advance(int stage, ActionKind kind) => CollectionsMarshal.GetValueRefOrAddDefault(_done, (stage, kind), out _)++;
}
