using AutogradCore.Nn;
using AutogradCore.Optim;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>Who never sets a random state gets new numbers in every step, and the same ones within a step.</summary>
public sealed class GraphRandomTests
{
    private const int Steps = 20;
    private readonly float[] _ones = [.. Enumerable.Repeat(1f, 32)];
    private ReferenceBackend _backend = null!;
    private Linear _layer = null!;
    private Nn.Dropout _dropout = null!;
    private Sgd _optimizer = null!;

    [SetUp]
    public void Open()
    {
        _backend = new ReferenceBackend();
        (_layer, _dropout) = (new Linear(32, 4), new Nn.Dropout(0.5));
        _layer.Initialize(_backend, seed: 1);
        _optimizer = new Sgd(_layer.Parameters(), LearningRate.Constant(0.1));
    }

    [TearDown]
    public void Close()
    {
        _optimizer.Dispose();
        _layer.Dispose();
        _backend.Dispose();
    }

    [Test]
    public void The_loop_of_the_guide_draws_another_mask_in_each_step()
    {
        using Graph graph = new(_backend);
        (Value mask, Value loss) = Record(graph);
        List<string> masks = [];
        for (int step = 0; step < Steps; step++) masks.Add(Train(graph, mask, loss));
        Assert.That(masks, Is.Unique);
    }

    [Test]
    public void Fresh_graphs_draw_what_one_graph_draws_step_by_step()
    {
        using Graph graph = new(_backend);
        (Value mask, Value loss) = Record(graph);
        List<string> once = [], anew = [];
        for (int step = 0; step < Steps; step++) once.Add(Train(graph, mask, loss));
        _optimizer.ForgetState();
        _optimizer.StepCount = 0;
        for (int step = 0; step < Steps; step++)
        {
            using Graph fresh = new(_backend);
            (Value itsMask, Value itsLoss) = Record(fresh);
            anew.Add(Train(fresh, itsMask, itsLoss));
        }
        Assert.That(anew, Is.EqualTo(once));
    }

    [Test]
    public void Fresh_graphs_without_parameters_draw_different_masks()
    {
        List<string> masks = [];
        for (int i = 0; i < Steps; i++)
        {
            using Graph graph = new(_backend);
            masks.Add(Text(_dropout.Forward(graph.Input<float>(_ones, [32])).ToArray<float>()));
        }
        Assert.That(masks, Is.Unique);
    }

    [Test]
    public void Microbatches_of_a_step_differ_and_are_numbered_in_the_order_of_F_on_one_graph_and_on_several()
    {
        Graph[] graphs = [.. Enumerable.Range(0, 3).Select(_ => new Graph(_backend) { Random = new RandomState(7) })];
        (Value Mask, Value Loss)[] recorded = [.. graphs.Select(Record)];
        for (int step = 0; step < 2; step++)
        {
            for (int m = 0; m < 3; m++) graphs[m].Forward(recorded[m].Loss, recorded[m].Mask);
            for (int m = 0; m < 3; m++)
            {
                Assert.That(graphs[m].StepRandom, Is.EqualTo(new RandomState(7, step, m)));
                graphs[m].BackwardInputs(recorded[m].Loss);
            }
            Graph.BackwardWeights(graphs);
            for (int m = 3; m < 5; m++)
            {
                graphs[0].Forward(recorded[0].Loss);
                Assert.That(graphs[0].StepRandom, Is.EqualTo(new RandomState(7, step, m)));
                graphs[0].Backward(recorded[0].Loss);
            }
            _optimizer.Step();
            _optimizer.ZeroGradient();
        }
        foreach (Graph graph in graphs) graph.Dispose();
    }

    [Test]
    public void F_again_before_I_repeats_the_step_whether_it_was_abandoned_or_not()
    {
        using Graph graph = new(_backend);
        (Value mask, Value loss) = Record(graph);
        graph.Forward(loss, mask);
        string first = Text(mask.ToArray<float>());
        graph.Forward(loss, mask);
        Assert.That(Text(mask.ToArray<float>()), Is.EqualTo(first));
        graph.Abandon();
        graph.Forward(loss, mask);
        Assert.That(Text(mask.ToArray<float>()), Is.EqualTo(first));
        graph.Backward(loss);
        graph.Forward(loss, mask);
        Assert.That(Text(mask.ToArray<float>()), Is.Not.EqualTo(first));
    }

    [Test]
    public void Another_graph_repeats_a_step_that_it_is_given()
    {
        using Graph graph = new(_backend), again = new(_backend);
        (Value mask, Value loss) = Record(graph);
        (Value itsMask, Value itsLoss) = Record(again);
        Assert.That(graph.StepRandom, Is.Null);
        graph.Forward(loss, mask);
        again.Random = graph.StepRandom!.Value;
        again.Forward(itsLoss, itsMask);
        Assert.That(itsMask.ToArray<float>(), Is.EqualTo(mask.ToArray<float>()));
    }

    [Test]
    public void A_resumed_optimizer_goes_on_with_the_masks_of_a_run_that_was_not_stopped()
    {
        using Graph graph = new(_backend);
        (Value mask, Value loss) = Record(graph);
        List<string> masks = [];
        for (int step = 0; step < 6; step++) masks.Add(Train(graph, mask, loss));
        using Linear layer = new(32, 4);
        layer.Initialize(_backend, seed: 1);
        using Sgd optimizer = new(layer.Parameters(), LearningRate.Constant(0.1)) { StepCount = 4 };
        (_layer, Linear old) = (layer, _layer);
        (_optimizer, Sgd before) = (optimizer, _optimizer);
        using Graph resumed = new(_backend);
        (mask, loss) = Record(resumed);
        Assert.That(Train(resumed, mask, loss), Is.EqualTo(masks[4]));
        Assert.That(Train(resumed, mask, loss), Is.EqualTo(masks[5]));
        (_layer, _optimizer) = (old, before);
    }

    [Test]
    public void A_graph_that_draws_nothing_moves_nobody_s_numbers()
    {
        using Graph graph = new(_backend), evaluation = new(_backend);
        (Value mask, Value loss) = Record(graph);
        _dropout.Train(false);
        Value judged = _layer.Forward(_dropout.Forward(evaluation.Input<float>(_ones, [1, 32]))).Sum();
        evaluation.Forward(judged);
        _dropout.Train();
        graph.Forward(loss, mask);
        Assert.That(graph.StepRandom, Is.EqualTo(new RandomState(0, 0, 0)));
        Assert.That(evaluation.StepRandom, Is.Null);
    }

    private (Value Mask, Value Loss) Record(Graph graph)
    {
        Value mask = _dropout.Forward(graph.Input<float>(_ones, [1, 32], differentiable: true));
        return (mask, _layer.Forward(mask).Sum());
    }

    private string Train(Graph graph, Value mask, Value loss)
    {
        graph.Forward(loss, mask);
        string text = Text(mask.ToArray<float>());
        graph.BackwardInputs(loss);
        graph.BackwardWeights();
        Assert.That(Text(_layer.Weight.Gradient.ToArray<float>()[..32]), Is.EqualTo(text), "W saw the mask of F");
        _optimizer.Step();
        _optimizer.ZeroGradient();
        return text;
    }

    private static string Text(float[] mask) => string.Concat(mask.Select(m => m == 0 ? '0' : '1'));
}
