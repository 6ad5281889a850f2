using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Pipeline;

namespace AutogradCore.Tests.Pipeline;

/// <summary>A classifier of three layers in doubles, cut into stages.</summary>
internal sealed class StepBench : IDisposable
{
    public const ulong Seed = 4;
    private readonly Sequential _model = Model();
    private readonly HostBackend[] _backends;
    private readonly Module[] _layers;
    private readonly int[] _starts;
    private readonly PipelineOptions _options;

    public StepBench(int stages, PipelineOptions options)
    {
        _layers = [.. _model.Modules().Where(m => m is Linear or Activation)];
        _starts = [.. Enumerable.Range(0, stages)];
        (_options, _backends) = (options, [.. _starts.Select(_ => new HostBackend(1))]);
        _model.AssignNames();
        for (int l = 0; l < _layers.Length; l++)
            foreach (Parameter parameter in _layers[l].Parameters())
                parameter.Initialize(_backends[Math.Min(l, stages - 1)], Seed, DType.Float64);
        Start = Values();
    }

    /// <summary>The first values.</summary>
    public double[][] Start { get; }

    public static Sequential Model() => new(new Linear(2, 4), new Activation(x => x.Tanh()), new Linear(4, 3));

    public double[][] Values() => [.. _model.Parameters().Select(p => p.Data.ToArray<double>())];

    public StepResult Step(Schedule schedule, IMicrobatches data)
    {
        using PipelineRunner runner = new(_layers, _starts, _backends, schedule, _options);
        return runner.Step(data);
    }

    public ContinuousResult Run(IMicrobatches data, TwoStage split, int batches) =>
        Run([.. Enumerable.Repeat(data, batches)], split);

    public ContinuousResult Run(IMicrobatches[] batches, TwoStage split)
    {
        using ContinuousRunner runner =
            new(_layers, _starts, _backends, WeightPolicy.TwoBuffered, batches[0].Count, _options, split);
        return runner.Run(batches);
    }

    public void Dispose()
    {
        _model.Dispose();
        foreach (HostBackend backend in _backends) backend.Dispose();
    }
}

/// <summary>Rows of two numbers with a class each, in microbatches of any number of rows.</summary>
internal sealed class Rows(int[][] targets, int firstRow = 0) : IMicrobatches
{
    public int[][] Targets => targets;

    public int FirstRow => firstRow;

    /// <summary>What the microbatches weigh; counted when null.</summary>
    public double[]? Weights { get; init; }

    public int Count => targets.Length;

    public DType InputDType => DType.Float64;

    public DType TargetDType => DType.Int32;

    public static double[] Inputs(int firstRow, int rows) =>
        [.. Enumerable.Range(2 * firstRow, 2 * rows).Select(i => Math.Sin(1 + i * i))];

    public Shape InputShape(int microbatch) => [targets[microbatch].Length, 2];

    public Shape TargetShape(int microbatch) => [targets[microbatch].Length];

    public void FeedInput(int microbatch, Value placeholder) => placeholder.Graph.Feed<double>(placeholder,
        Inputs(firstRow + targets.Take(microbatch).Sum(t => t.Length), targets[microbatch].Length));

    public void FeedTarget(int microbatch, Value placeholder) =>
        placeholder.Graph.Feed<int>(placeholder, targets[microbatch]);

    public double? Weight(int microbatch, int? ignored) => Weights?[microbatch];
}
