using System.Diagnostics;

namespace AutogradCore.Pipeline;

/// <summary>What all ranks of one step share: the data, the messages and the losses.</summary>
internal sealed class StepRun(IMicrobatches data, RandomState random, ITransport transport, PipelineOptions options,
    CancellationToken cancellation)
{
    public IMicrobatches Data => data;

    public RandomState Random => random;

    public ITransport Transport => transport;

    public PipelineOptions Options => options;

    public CancellationToken Cancellation => cancellation;

    public double[] Losses { get; } = new double[data.Count];

    /// <summary>What the microbatches weigh; known from the first F of the last stage on.</summary>
    public StepWeights? Weights { get; set; }

    public long Start { get; } = Stopwatch.GetTimestamp();
}
