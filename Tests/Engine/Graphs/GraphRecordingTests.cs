using AutogradCore.Nn;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>A recording stays as it is: in the other mode of its model it is refused instead of ignoring the switch.</summary>
public sealed class GraphRecordingTests
{
    private readonly ReferenceBackend _backend = new();
    private Sequential _model = null!;
    private Graph _graph = null!;

    [SetUp]
    public void Open()
    {
        _model = new Sequential(new Linear(4, 4), new Nn.Dropout(0.5));
        _model.Initialize(_backend, seed: 1);
        _graph = new Graph(_backend);
    }

    [TearDown]
    public void Close()
    {
        _graph.Dispose();
        _model.Dispose();
    }

    [OneTimeTearDown]
    public void End() => _backend.Dispose();

    private Value Loss(Graph graph, Module model) =>
        model.Forward(graph.Input<float>([1, 2, 3, 4], [1, 4], differentiable: true)).Sum();

    [Test]
    public void A_graph_recorded_for_training_refuses_to_evaluate_and_says_what_to_do([Values] bool training)
    {
        _model.Train(training);
        Value loss = Loss(_graph, _model);
        _graph.Forward(loss);
        _model.Train(!training);
        GraphException error = Assert.Throws<GraphException>(() => _graph.Forward(loss))!;
        Assert.That(error.Message, Does.Contain("Dropout 'layers.1' was recorded for " + (training ? "training" : "evaluation")));
        Assert.That(error.Hint, Does.Contain($"Train({(training ? "" : "false")})").And.Contain("second graph"));
        Assert.That(_graph.Phase, Is.EqualTo(GraphPhase.Forwarded), "nothing has changed");
        _graph.Clear();
        Assert.That(() => _graph.Forward(Loss(_graph, _model)), Throws.Nothing, "recorded again");
    }

    [Test]
    public void A_step_that_is_under_way_ends_in_the_mode_it_began_in()
    {
        Value loss = Loss(_graph, _model);
        _graph.Forward(loss);
        _model.Train(false);
        Assert.That(() => _graph.Backward(loss), Throws.Nothing);
        _model.Train();
        Assert.That(() => _graph.Forward(loss), Throws.Nothing, "switched back");
    }

    [Test]
    public void A_model_whose_recording_is_the_same_in_both_modes_is_not_refused()
    {
        using Sequential plain = new(new Linear(4, 4), new Nn.Dropout(0));
        plain.Initialize(_backend, seed: 1);
        Value loss = Loss(_graph, plain);
        plain.Train(false);
        Assert.That(() => _graph.Forward(loss), Throws.Nothing);
    }

    [Test]
    public void A_module_recorded_in_both_modes_on_one_graph_belongs_to_neither()
    {
        Value trained = Loss(_graph, _model);
        _model.Train(false);
        Value evaluated = Loss(_graph, _model);
        Assert.That(() => _graph.Forward(trained, evaluated), Throws.Nothing);
    }

    [Test]
    public void A_module_of_one_s_own_that_asks_for_its_mode_is_held_to_it()
    {
        using Doubling own = new();
        Value y = own.Forward(_graph.Input<float>([1], [1]));
        Assert.That(y.Item(), Is.EqualTo(2));
        own.Train(false);
        Assert.That(() => _graph.Forward(y), Throws.TypeOf<GraphException>().With.Message.Contains("Doubling"));
    }

    private sealed class Doubling : Module
    {
        public override Value Forward(Value x) => IsTrainingOn(x.Graph) ? 2 * x : x;
    }
}
