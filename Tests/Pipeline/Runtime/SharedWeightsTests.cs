using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Pipeline;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class SharedWeightsTests
{
    private static readonly UnequalMicrobatches Data = new(3);

    private static Schedule OneFOneB(int stages) =>
        SplitBackward.Apply(Schedules.OneForwardOneBackward(stages, 3), TwoStage.Fill);

    [Test]
    public void A_shared_parameter_frozen_between_steps_trains_to_the_bits_of_one_device([Range(0, 2)] int from)
    {
        void Freeze(GptEmbedding embedding, int step) => embedding.Table.Trainable = step < from;
        string expected = MixedModel.TrainOnOneDevice(Data, 2, Freeze);
        foreach (int stages in new[] { 1, 2, 4 })
            Assert.That(MixedModel.TrainAsPipeline(OneFOneB(stages), Data, 2, beforeStep: Freeze), Is.EqualTo(expected));
        if (from < 2) Assert.That(expected, Is.Not.EqualTo(MixedModel.TrainOnOneDevice(Data, 2)), "freezing shows");
    }

    [Test]
    public void Pipelines_share_the_bits_of_a_tied_gradient_and_one_graph_with_both_uses_differs_by_rounding_alone()
    {
        float[] one = GradientInOneGraph();
        float[][] pipelines = [.. new[] { 1, 2, 3, 4 }.Select(stages =>
        {
            using MixedBench bench = new(OneFOneB(stages));
            bench.Runner.Step(Data);
            return bench.Model.Embedding.Table.Gradient.ToArray<float>();
        })];
        foreach (float[] gradient in pipelines) Assert.That(gradient, Is.EqualTo(pipelines[0]));
        Assert.That(pipelines[0], Is.Not.EqualTo(one), "contributions are added in another order");
        Assert.That(pipelines[0], Is.EqualTo(one).Within(1e-6 * one.Max(Math.Abs)));
    }

    [Test]
    public void Parameters_and_optimizers_know_a_shared_parameter_once()
    {
        using MixedBench bench = new(OneFOneB(3));
        bench.Runner.Step(Data);
        Assert.That(bench.Runner.Parameters, Is.EqualTo(bench.Model.Parameters));
        Assert.That(bench.Runner.Stages.SelectMany(s => s.Optimizer.Parameters), Is.EqualTo(bench.Model.Parameters));
    }

    [Test]
    public void A_resumed_run_with_a_shared_parameter_has_the_bits_of_one_that_was_not_stopped()
    {
        using TemporaryFolder folder = new();
        using MixedBench whole = new(OneFOneB(3)), resumed = new(OneFOneB(2));
        resumed.Runner.Step(Data);
        whole.Runner.Step(Data);
        Checkpoint.Save(folder["a"], whole.Runner.Parameters, [.. whole.Runner.Stages.Select(s => s.Optimizer)],
            new CheckpointState(1, MixedModel.Seed, new Dictionary<string, string>()));
        whole.Runner.Step(Data);
        resumed.Runner.Step(Data);
        Checkpoint.Load(folder["a"], resumed.Runner.Parameters, [.. resumed.Runner.Stages.Select(s => s.Optimizer)]);
        resumed.Runner.Step(Data);
        Assert.That(ParameterHash.Of(resumed.Runner.Parameters), Is.EqualTo(ParameterHash.Of(whole.Runner.Parameters)));
    }

    [Test]
    public void A_layer_used_several_times_has_the_same_bits_for_every_number_of_stages([Values] bool opportunistic)
    {
        string[] hashes = [.. new[] { 1, 2, 3, 4 }.Select(stages => TrainRepeated(stages, opportunistic))];
        Assert.That(hashes.Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public void A_used_again_layer_draws_other_random_numbers_than_the_first_time_as_one_graph_does()
    {
        using ReferenceBackend backend = new();
        using Graph graph = new(backend);
        ulong first = graph.RandomKey(7), second = graph.RandomKey(7);
        Assert.That(Graph.RandomKeyOf(7, 2), Is.EqualTo(second).And.Not.EqualTo(first));
        SharedWeights shared = new(TwiceTheSame(), [0, 1]);
        Assert.That(shared.Of(0), Is.Null);
        Assert.That(shared.Of(1)!.RandomKeys.Select(k => Graph.RandomKeyOf(k.Key, 2)),
            Is.EqualTo(shared.Of(1)!.RandomKeys.Values));

        static Module[] TwiceTheSame()
        {
            Nn.Dropout dropout = new(0.5);
            return [dropout, dropout];
        }
    }

    [Test]
    public void A_gpt_with_tied_embeddings_has_one_table_and_a_head_that_reads_it()
    {
        GptConfig config = new(Vocabulary: 7, Context: 4, Layers: 1, Heads: 1, Features: 4) { TieEmbeddings = true };
        using ReferenceBackend backend = new();
        using Gpt tied = new(config), apart = new(config with { TieEmbeddings = false });
        tied.Initialize(backend, 1);
        apart.Initialize(backend, 1);
        Assert.That(apart.ParameterCount - tied.ParameterCount, Is.EqualTo(7 * 4));
        apart.Parameters()[^1].Data.CopyFrom(((GptEmbedding)apart.Layers[0]).Table.Data.View);
        Assert.That(Logits(tied), Is.EqualTo(Logits(apart)));

        float[] Logits(Gpt model)
        {
            using Graph graph = new(backend);
            return model.Forward(graph.Input<int>([1, 2, 3], [1, 3])).ToArray<float>();
        }
    }

    private static float[] GradientInOneGraph()
    {
        using HostBackend backend = new(1);
        using MixedModel model = MixedModel.Tied();
        foreach (Parameter parameter in model.Parameters) parameter.Initialize(backend, MixedModel.Seed);
        double counted = Enumerable.Range(0, Data.Count).Sum(m => Data.TargetShape(m).ElementCount);
        using Graph graph = new(backend);
        for (int m = 0; m < Data.Count; m++)
        {
            graph.Clear();
            Value x = graph.Placeholder(Data.InputShape(m), DType.Int32), t = graph.Placeholder(Data.TargetShape(m), DType.Int32);
            Value loss = model.Layers.Aggregate(x, (value, layer) => layer.Forward(value)).CrossEntropy(t);
            Data.FeedInput(m, x);
            Data.FeedTarget(m, t);
            graph.Random = new RandomState(MixedModel.Seed, 0, m);
            graph.Forward(loss);
            graph.Seed(loss, Data.TargetShape(m).ElementCount / counted);
            graph.Backward();
        }
        return model.Embedding.Table.Gradient.ToArray<float>();
    }

    private static string TrainRepeated(int stages, bool opportunistic)
    {
        using GptEmbedding embedding = new(new GptConfig(13, 6, 1, 1, 8));
        using TransformerBlock block = new(8, 2, dropout: 0.3);
        using Linear head = new(8, 13);
        Module[] layers = [embedding, block, block, block, head];
        new Sequential(layers).AssignNames();
        HostBackend[] backends = [.. Enumerable.Range(0, stages).Select(_ => new HostBackend(1))];
        int[] starts = [.. Enumerable.Range(0, stages)];
        for (int l = 0; l < layers.Length; l++)
            foreach (Parameter parameter in layers[l].Parameters())
                if (!parameter.IsInitialized) parameter.Initialize(backends[Math.Min(l, stages - 1)], 3);
        using PipelineRunner runner = new(layers, starts, backends, OneFOneB(stages),
            MixedModel.Options with { Opportunistic = opportunistic });
        for (int step = 0; step < 2; step++) runner.Step(Data);
        return ParameterHash.Of(runner.Parameters);
    }
}
