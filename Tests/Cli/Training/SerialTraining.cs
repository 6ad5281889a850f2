using AutogradCore.Cli;
using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Optim;

namespace AutogradCore.Tests.Cli;

/// <summary>What <c>train</c> does, on one device and written plainly: all weights ever made kept as arrays, and each gradient
/// taken at older ones. Of a tied table the head has a copy, whose gradient is added when the batch is through.</summary>
internal static class SerialTraining
{
    /// <summary>W(t+1) = W(t) - step(gradient of batch t at the weights that <paramref name="version"/> says).</summary>
    /// <param name="options">The run.</param>
    /// <param name="version">Which weights batch t reads, from the layer's index and t.</param>
    /// <param name="steps">Steps to take; all of the run's when null.</param>
    /// <returns>The hash of the parameters.</returns>
    public static string Run(TrainOptions options, Func<int, int, int> version, int? steps = null)
    {
        TrainingData data = TrainingData.Load(options.Data, options.Seq);
        BatchSampler sampler = new(data.Split.Training, options.Batch, options.Seq, options.Seed);
        using HostBackend backend = new(1);
        using Gpt model = new(options.Sizes with { TieEmbeddings = false });
        model.Initialize(backend, options.Seed);
        Parameter? copy = options.Sizes.TieEmbeddings ? model.Parameters()[^1] : null;
        List<Parameter> own = [.. model.Parameters().Where(p => p != copy)];
        int table = own.IndexOf(((GptEmbedding)model.Layers[0]).Table);
        Dictionary<Parameter, int> layerOf = [];
        for (int l = 0; l < model.Layers.Count; l++)
            foreach (Parameter parameter in model.Layers[l].Parameters()) layerOf.Add(parameter, l);
        LearningRate rate = LearningRate.Cosine(
            options.LearningRate, options.WarmupSteps, options.Steps, options.LearningRate / 10);
        using Optimizer optimizer = options.Optimizer switch
        {
            "sgd" => new Sgd(own, rate),
            "momentum" => new Sgd(own, rate, momentum: 0.9),
            _ => new AdamW(own, rate, beta2: 0.99),
        };
        using Graph graph = new(backend);
        int rows = options.Batch / options.Microbatches;
        Value x = graph.Placeholder([rows, options.Seq], DType.Int32);
        Value target = graph.Placeholder([rows, options.Seq], DType.Int32);
        Value loss = model.Layers.Aggregate(x, (value, layer) => layer.Forward(value)).CrossEntropy(target);
        List<float[][]> versions = [[.. own.Select(p => p.Data.ToArray<float>())]];
        int[] inputs = new int[options.Batch * options.Seq], targets = new int[inputs.Length];
        for (int t = 0; t < (steps ?? options.Steps); t++)
        {
            for (int i = 0; i < own.Count; i++) own[i].Data.CopyFrom<float>(versions[version(layerOf[own[i]], t)][i]);
            copy?.Data.CopyFrom<float>(versions[version(layerOf[copy], t)][table]);
            copy?.ZeroGradient();
            optimizer.ZeroGradient();
            sampler.Fill(t, inputs, targets);
            for (int m = 0; m < options.Microbatches; m++)
            {
                graph.Feed<int>(x, inputs.AsSpan(m * rows * options.Seq, rows * options.Seq));
                graph.Feed<int>(target, targets.AsSpan(m * rows * options.Seq, rows * options.Seq));
                graph.Random = new RandomState(options.Seed, t, m);
                graph.Forward(loss);
                graph.Seed(loss, 1.0 / options.Microbatches);
                graph.Backward();
            }
            if (copy is not null) own[table].AccumulateGradient(copy.Gradient.View);
            for (int i = 0; i < own.Count; i++) own[i].Data.CopyFrom<float>(versions[t][i]);
            optimizer.Step(options.Clip > 0
                ? GradientNorm.Clip(GradientNorm.Of(GradientNorm.Squares(own)), options.Clip)
                : 1);
            versions.Add([.. own.Select(p => p.Data.ToArray<float>())]);
        }
        return ParameterHash.Of(own);
    }
}
