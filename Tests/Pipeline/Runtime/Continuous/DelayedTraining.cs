using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Optim;
using AutogradCore.Pipeline;

namespace AutogradCore.Tests.Pipeline;

/// <summary>The update rules without a pipeline, written plainly: one device, all weights ever made kept as arrays, and each
/// gradient taken at those of so many batches ago.</summary>
internal static class DelayedTraining
{
    /// <summary>W(t+1) = W(t) - step(gradient of batch t at W(max(t - delay, 0))).</summary>
    /// <param name="microbatches">Microbatches in a batch.</param>
    /// <param name="batches">Batches.</param>
    /// <param name="options">Optimizer, seed and clipping.</param>
    /// <param name="delay">How many updates late the weights of a layer are, from the layer's index.</param>
    /// <returns>The loss of each batch, and the bits of the parameters after it.</returns>
    public static List<(double Loss, string Bits)> Run(int microbatches, int batches, PipelineOptions options,
        Func<int, int> delay)
    {
        using HostBackend backend = new(1);
        using Gpt model = new(TinyGpt.Config);
        model.Initialize(backend, TinyGpt.Seed);
        IReadOnlyList<Parameter> parameters = model.Parameters();
        Dictionary<Parameter, int> delays = [];
        for (int l = 0; l < model.Layers.Count; l++)
            foreach (Parameter parameter in model.Layers[l].Parameters()) delays.Add(parameter, delay(l));
        using Optimizer optimizer = options.Optimizer(parameters);
        List<float[][]> versions = [[.. parameters.Select(p => p.Data.ToArray<float>())]];
        List<(double, string)> results = [];
        using Graph graph = new(backend);
        TokenMicrobatches first = TinyGpt.Data(0, microbatches);
        Value x = graph.Placeholder(first.InputShape(0), DType.Int32);
        Value target = graph.Placeholder(first.TargetShape(0), DType.Int32);
        Value loss = options.Loss(model.Layers.Aggregate(x, (value, layer) => layer.Forward(value)), target);
        for (int t = 0; t < batches; t++)
        {
            for (int i = 0; i < parameters.Count; i++)
                parameters[i].Data.CopyFrom<float>(versions[Math.Max(t - delays[parameters[i]], 0)][i]);
            optimizer.ZeroGradient();
            double sum = 0;
            TokenMicrobatches data = TinyGpt.Data(t, microbatches);
            for (int m = 0; m < microbatches; m++)
            {
                data.FeedInput(m, x);
                data.FeedTarget(m, target);
                graph.Random = new RandomState(TinyGpt.Seed, t, m);
                graph.Forward(loss);
                sum += loss.Item();
                graph.Seed(loss, 1.0 / microbatches);
                graph.Backward();
            }
            for (int i = 0; i < parameters.Count; i++) parameters[i].Data.CopyFrom<float>(versions[t][i]);
            double scale = options.ClipNorm is { } maximum
                ? GradientNorm.Clip(GradientNorm.Of(GradientNorm.Squares(parameters)), maximum)
                : 1;
            optimizer.Step(scale);
            versions.Add([.. parameters.Select(p => p.Data.ToArray<float>())]);
            results.Add((sum / microbatches, TinyGpt.Bits(parameters)));
        }
        return results;
    }
}
