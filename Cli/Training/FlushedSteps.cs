using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>Steps that each end with all work done.</summary>
internal sealed class FlushedSteps(PipelineRunner runner) : IStepper
{
    public IReadOnlyList<PipelineStage> Stages => runner.Stages;

    public IReadOnlyList<Parameter> Parameters => runner.Parameters;

    public IReadOnlyList<Parameter> Saved => runner.Parameters;

    public int StepCount
    {
        get => runner.StepCount;
        set => runner.StepCount = value;
    }

    public Stretch Run(int until, Func<int, IMicrobatches> data, Action<StepLoss> each, CancellationToken cancellation)
    {
        StepResult step;
        try
        {
            step = runner.Step(data(StepCount), cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Stretch.None(runner.Schedule.Ranks); // the step was given up and left no trace
        }
        each(new StepLoss(step.Step, step.Loss, step.GradientNorm, step.Seconds));
        return new Stretch(1, step.Seconds, step.Timeline);
    }

    public void Dispose() => runner.Dispose();
}
