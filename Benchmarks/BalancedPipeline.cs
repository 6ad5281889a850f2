using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Optim;
using AutogradCore.Pipeline;

namespace AutogradCore.Benchmarks;

/// <summary>Transformer blocks in equal stages, one core each, trained on random activations.</summary>
internal sealed class BalancedPipeline : IMicrobatches, IDisposable
{
    private const int BlocksPerStage = 3, Heads = 4, Rows = 4;

    private readonly int _features, _time;
    private readonly Sequential _model;
    private readonly HostBackend[] _backends;
    private readonly PipelineRunner _runner;
    private readonly float[] _input, _target;
    private readonly List<StepResult> _steps = [];

    /// <summary>A runner of the schedule over as many stages as it has.</summary>
    /// <param name="schedule">What the stages do.</param>
    /// <param name="small">Whether blocks are as small as a test needs them, not as a measurement does.</param>
    public BalancedPipeline(Schedule schedule, bool small = false)
    {
        (_features, _time) = small ? (32, 16) : (256, 128);
        int count = BlocksPerStage * schedule.Stages;
        Module[] blocks = [.. Enumerable.Range(0, count).Select(_ => new TransformerBlock(_features, Heads))];
        int[] starts = [.. Enumerable.Range(0, schedule.Stages).Select(s => s * BlocksPerStage)];
        _model = new Sequential(blocks);
        _model.AssignNames();
        _backends = [.. starts.Select(_ => new HostBackend(1))];
        for (int b = 0; b < blocks.Length; b++)
            foreach (Parameter parameter in blocks[b].Parameters()) parameter.Initialize(_backends[b / BlocksPerStage], 1);
        _runner = new PipelineRunner(blocks, starts, _backends, schedule, new PipelineOptions
        {
            Loss = (y, t) => ((y - t) * (y - t)).Mean(),
            Optimizer = p => new AdamW(p, LearningRate.Constant(1e-4)),
        });
        (_input, _target) = (Normal("input"), Normal("target"));
    }

    /// <inheritdoc/>
    public int Count => _runner.Schedule.Microbatches;

    /// <inheritdoc/>
    public DType InputDType => DType.Float32;

    /// <inheritdoc/>
    public DType TargetDType => DType.Float32;

    /// <inheritdoc/>
    public Shape InputShape(int microbatch) => [Rows, _time, _features];

    /// <inheritdoc/>
    public Shape TargetShape(int microbatch) => [Rows, _time, _features];

    /// <inheritdoc/>
    public void FeedInput(int microbatch, Value placeholder) => placeholder.Graph.Feed<float>(placeholder, _input);

    /// <inheritdoc/>
    public void FeedTarget(int microbatch, Value placeholder) => placeholder.Graph.Feed<float>(placeholder, _target);

    /// <summary>Takes a step.</summary>
    /// <returns>Its time in seconds, update included.</returns>
    public double Step()
    {
        StepResult step = _runner.Step(this);
        _steps.Add(step);
        return step.Seconds;
    }

    /// <summary>Drops what has been recorded, of another run as well: first steps compile code.</summary>
    public void Forget(BalancedPipeline other)
    {
        _steps.Clear();
        other._steps.Clear();
    }

    /// <summary>The step time that the simulator finds with the costs of the steps taken.</summary>
    public double Predicted()
    {
        StageCosts costs = Profiler.Costs(_steps.Select(s => s.Timeline), _runner.Schedule.Stages);
        double update = Profiler.Median(_steps.Select(s => Math.Max(0, s.Seconds - s.Timeline.Makespan)));
        return Simulator.Run(_runner.Schedule, costs).Makespan + update;
    }

    /// <summary>Stops the workers and frees all memory.</summary>
    public void Dispose()
    {
        _runner.Dispose();
        _model.Dispose();
        foreach (HostBackend backend in _backends) backend.Dispose();
    }

    private float[] Normal(string name)
    {
        float[] values = new float[Rows * _time * _features];
        RandomStream.Named(name, 1).FillNormal(values);
        return values;
    }
}
