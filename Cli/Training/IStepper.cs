using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>What takes the steps of a run: with the pipeline run empty after each, or not.</summary>
internal interface IStepper : IDisposable
{
    /// <summary>The stages, in order.</summary>
    IReadOnlyList<PipelineStage> Stages { get; }

    /// <summary>All parameters, in the order of the layers.</summary>
    IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>What a checkpoint holds besides the optimizers' state, as it is at this moment.</summary>
    IReadOnlyList<Parameter> Saved { get; }

    /// <summary>Steps taken; settable to resume, after <see cref="Saved"/> and the optimizers have been loaded.</summary>
    int StepCount { get; set; }

    /// <summary>Takes steps until the pipeline is empty again: with a flush one, without as many as asked for.</summary>
    /// <param name="until">The step to reach.</param>
    /// <param name="data">The batch of a step.</param>
    /// <param name="each">Told of each step, on any thread.</param>
    /// <param name="cancellation">Ends the stretch early, where that leaves no trace in the bits; a step under way is given up
    /// where the next run can take it anew.</param>
    Stretch Run(int until, Func<int, IMicrobatches> data, Action<StepLoss> each, CancellationToken cancellation);
}
