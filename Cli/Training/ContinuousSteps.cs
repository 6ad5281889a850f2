using System.Diagnostics;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>Steps that follow one another through a full pipeline.</summary>
internal sealed class ContinuousSteps(ContinuousRunner runner) : IStepper
{
    public IReadOnlyList<PipelineStage> Stages => runner.Stages;

    public IReadOnlyList<Parameter> Parameters => runner.Parameters;

    public IReadOnlyList<Parameter> Saved => [.. runner.Parameters, .. runner.OlderWeights];

    public int StepCount
    {
        get => runner.BatchCount;
        set => runner.BatchCount = value;
    }

    public Stretch Run(int until, Func<int, IMicrobatches> data, Action<StepLoss> each, CancellationToken cancellation)
    {
        // With stashed weights it shows in the bits where the pipeline runs empty.
        bool mayStop = runner.Policy == WeightPolicy.TwoBuffered;
        int first = StepCount;
        IEnumerable<IMicrobatches> Batches()
        {
            for (int step = first; step < until && !(mayStop && cancellation.IsCancellationRequested); step++)
                yield return data(step);
        }
        runner.Progress = new Told(each);
        ContinuousResult result = runner.Run(Batches(), CancellationToken.None);
        return new Stretch(result.Batches.Count, result.Seconds, result.Timeline);
    }

    public void Dispose() => runner.Dispose();

    private sealed class Told(Action<StepLoss> each) : IProgress<BatchResult>
    {
        private long _last = Stopwatch.GetTimestamp();

        public void Report(BatchResult batch)
        {
            long now = Stopwatch.GetTimestamp(), before = Interlocked.Exchange(ref _last, now);
            double seconds = Math.Max(0, Stopwatch.GetElapsedTime(before, now).TotalSeconds);
            each(new StepLoss(batch.Batch, batch.Loss, batch.GradientNorm, seconds));
        }
    }
}
