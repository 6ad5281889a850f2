using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Optim;
using AutogradCore.Pipeline;

namespace AutogradCore.Benchmarks;

/// <summary>A model in training on one stage: forward, backward, clipping and AdamW.</summary>
internal sealed class StepWork : IDisposable
{
    private readonly IBackend _backend;
    private readonly Gpt _model;
    private readonly PipelineRunner _runner;
    private readonly TokenMicrobatches _data;

    /// <summary>The model on a number of threads, ready for its first step.</summary>
    public StepWork(StepModel model, int threads) : this(model, new HostBackend(threads))
    {
    }

    /// <summary>The model on a backend, which it owns from now on.</summary>
    public StepWork(StepModel model, IBackend backend)
    {
        GptConfig c = model.Config;
        _backend = backend;
        _model = new Gpt(c);
        _model.Initialize(_backend, 1);
        _runner = new PipelineRunner(_model.Layers, [0], [_backend], Schedules.GPipe(1, 1), new PipelineOptions
        {
            Loss = (y, t) => y.CrossEntropy(t),
            Optimizer = p => new AdamW(p, LearningRate.Constant(1e-4)),
            ClipNorm = 1,
        });
        int[] ids = [.. Enumerable.Range(0, model.Tokens).Select(i => i * 7 % c.Vocabulary)];
        _data = new TokenMicrobatches(ids, ids, c.Context, 1);
        double embeddings = (double)(c.Vocabulary + c.Context) * c.Features;
        FlopsPerToken = (6 * (_model.ParameterCount - embeddings)) + (6.0 * c.Layers * c.Context * c.Features);
    }

    /// <summary>6 for each parameter outside the embeddings, plus causal attention at half.</summary>
    public double FlopsPerToken { get; }

    /// <summary>The memory that the step works in.</summary>
    public MemoryPool Memory => _backend.Memory;

    /// <summary>One step, to its end.</summary>
    public void Run()
    {
        _runner.Step(_data);
        _backend.Synchronize();
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        _runner.Dispose();
        _model.Dispose();
        _backend.Dispose();
    }
}
