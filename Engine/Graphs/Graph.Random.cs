using System.Runtime.CompilerServices;

namespace AutogradCore;

/// <content>The random numbers of a step: new for every step, and the same for F, I, W and a second F of that step.</content>
public sealed partial class Graph
{
    private static readonly ConditionalWeakTable<IBackend, StrongBox<int>> RunsWithoutParameters = new();
    private RandomState _stepRandom, _askedFor;
    private bool _isDrawn, _randomIsUsed;

    /// <summary>Seed and position of the random numbers, for the steps that <see cref="Forward(ReadOnlySpan{Value})"/> starts
    /// from here on.</summary>
    /// <remarks>
    /// A position that is left out follows by itself. <see cref="RandomState.Step"/> is what the optimizer of the graph's
    /// parameters has taken, which a checkpoint restores. <see cref="RandomState.Microbatch"/> counts the graphs that have run
    /// forward with these parameters since the optimizer's last step. So every step draws other numbers, and so does every
    /// microbatch, on one graph, on several and on new ones. A step keeps its numbers until I has run: Forward again computes the
    /// same values again. Give both numbers where graphs run on several threads, or share weights between stages.
    /// </remarks>
    public RandomState Random { get; set; }

    /// <summary>The state that the present step draws from, both positions given: what another graph needs to compute the step
    /// again. Null when nothing random has run.</summary>
    public RandomState? StepRandom => _isDrawn ? _stepRandom : null;

    /// <summary>The stream of a layer in the present step; the step's position is found when the first layer asks.</summary>
    internal RandomStream RandomOf(ulong layer)
    {
        if (!_isDrawn) DrawState();
        return _stepRandom.For(layer);
    }

    /// <summary>F begins: the last position stays unless its step is over or another one is asked for.</summary>
    private void PrepareRandom()
    {
        if (_randomIsUsed || _askedFor != Random) _isDrawn = false;
        (_randomIsUsed, _askedFor) = (false, Random);
    }

    private void DrawState()
    {
        _stepRandom = _askedFor;
        if (_askedFor.Step is null || _askedFor.Microbatch is null)
        {
            (int step, int run) = _parameters.Count > 0 ? NextRun() : NextRunWithoutParameters();
            _stepRandom = new(_askedFor.Seed, _askedFor.Step ?? step, _askedFor.Microbatch ?? run);
        }
        _isDrawn = true;
    }

    private (int Step, int Run) NextRun()
    {
        int step = 0, run = 0;
        foreach (Parameter parameter in _parameters.Keys) step = Math.Max(step, parameter.Steps);
        foreach (Parameter parameter in _parameters.Keys) run = Math.Max(run, parameter.RunsAt(step));
        foreach (Parameter parameter in _parameters.Keys) parameter.CountRuns(step, run + 1);
        return (step, run);
    }

    /// <summary>Without parameters there is no optimizer to count steps: all such graphs of one backend are counted.</summary>
    private (int Step, int Run) NextRunWithoutParameters() =>
        (0, Interlocked.Increment(ref RunsWithoutParameters.GetOrCreateValue(Backend).Value) - 1);
}
