using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>Times and timelines of a run's latest steps.</summary>
internal sealed class Measurements
{
    private const int Kept = 1024, Warm = 2;
    private readonly Queue<Stretch> _steps = [];
    private int _seen;

    /// <summary>Takes in steps; the first ones of a process compile code and do not count once there are others.</summary>
    public void Add(Stretch stretch)
    {
        if (_seen++ == Warm) _steps.Clear();
        while (_steps.Count > 0 && _steps.Sum(s => s.Steps) + stretch.Steps > Kept) _steps.Dequeue();
        _steps.Enqueue(stretch);
    }

    /// <summary>Whether nothing has been measured.</summary>
    public bool IsEmpty => _steps.Count == 0;

    /// <summary>The median time of a step in seconds.</summary>
    public double StepSeconds => Median(_steps.Select(s => s.Seconds / s.Steps));

    /// <summary>The time below which a tenth of the steps stay:
    /// other programs only ever add time, so these were disturbed least.</summary>
    public double UndisturbedStepSeconds => IsEmpty
        ? double.NaN
        : _steps.Select(s => s.Seconds / s.Steps).Order().ElementAt(_steps.Count / 10);

    /// <summary>The median time of a step outside its schedule: clipping and the update.</summary>
    public double UpdateSeconds => Median(_steps.Select(s => Math.Max(0, s.Seconds - s.Timeline.Makespan) / s.Steps));

    /// <summary>The median share of idle time.</summary>
    public double BubbleRatio => Median(_steps.Select(s => s.Timeline.BubbleRatio));

    /// <summary>The step, or the stretch, of median makespan.</summary>
    public Stretch Typical => _steps.OrderBy(s => s.Timeline.Makespan).ElementAt(_steps.Count / 2);

    /// <summary>Median times of F, I and W of each stage for one microbatch; of an unsplit B, half each.</summary>
    public StageCosts Costs(int stages) => Profiler.Costs(_steps.Select(s => s.Timeline), stages);

    /// <inheritdoc cref="Profiler.Median"/>
    public static double Median(IEnumerable<double> values) => Profiler.Median(values);
}
