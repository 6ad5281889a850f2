using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>A <see cref="MixedModel"/> under a runner without flushes, with all it owns.</summary>
internal sealed class ContinuousMixedBench : IDisposable
{
    private readonly HostBackend[] _backends;

    public ContinuousMixedBench(int stages, IMicrobatches data, TwoStage split = TwoStage.Off, PipelineOptions? options = null,
        ITransport? transport = null, WeightPolicy policy = WeightPolicy.TwoBuffered)
    {
        int[] starts = LayerSplit.Balance([.. Model.Layers.Select(_ => 1.0)], stages);
        _backends = [.. starts.Select(_ => new HostBackend(1))];
        for (int l = 0; l < Model.Layers.Count; l++)
            foreach (Parameter parameter in Model.Layers[l].Parameters())
                if (!parameter.IsInitialized)
                    parameter.Initialize(_backends[Array.FindLastIndex(starts, s => s <= l)], MixedModel.Seed);
        Data = data;
        Runner = new ContinuousRunner(Model.Layers, starts, _backends, policy, data.Count, options ?? MixedModel.Options, split,
            transport);
    }

    public MixedModel Model { get; } = MixedModel.Tied();

    public IMicrobatches Data { get; }

    public ContinuousRunner Runner { get; }

    public string Bits => ParameterHash.Of(Runner.Parameters);

    public ContinuousResult Run(int batches) => Runner.Run(Enumerable.Repeat(Data, batches));

    public void Dispose()
    {
        Runner.Dispose();
        Model.Dispose();
        foreach (HostBackend backend in _backends)
        {
            Assert.That(backend.Memory.Outstanding, Is.Zero, "the runner leaks buffers");
            backend.Dispose();
        }
    }
}
