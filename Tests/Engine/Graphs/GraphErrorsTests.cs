using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>A graph used in the wrong way says what was wrong and what to do instead.</summary>
public sealed class GraphErrorsTests
{
    private readonly ReferenceBackend _backend = new();
    private Graph _graph = null!;
    private Value _x, _y, _loss;

    [SetUp]
    public void Begin()
    {
        _graph = new Graph(_backend);
        _x = _graph.Input<float>([1, 2, 3, 4], [2, 2], differentiable: true, "x");
        _y = _x.Scale(3).Exp();
        _loss = _y.Sum();
    }

    [TearDown]
    public void End()
    {
        _graph.Dispose();
        Assert.That(_backend.Memory.Outstanding, Is.Zero, "buffers leaked");
    }

    [OneTimeTearDown]
    public void EndAll() => _backend.Dispose();

    private static void Fails<TError>(Action action, string says, string hint = "") where TError : AutogradException
    {
        TError error = Assert.Throws<TError>(action)!;
        Assert.That(error.Message, Does.Contain(says));
        Assert.That(error.Hint ?? "", Does.Contain(hint));
    }

    [TestCase(double.NaN)]
    [TestCase(double.NegativeInfinity)]
    public void A_seed_that_is_not_finite(double seed)
    {
        _graph.Forward(_loss);
        Fails<ModelException>(() => _graph.Seed(_loss, seed), "seed", "finite");
        _graph.Abandon();
    }

    [Test]
    public void Backward_twice()
    {
        _graph.Backward(_loss);
        Fails<PhaseException>(() => _graph.Backward(_loss), "WeightsDone", "call Forward to start a new step");
        Fails<PhaseException>(() => _graph.BackwardWeights(), "it needs InputsDone", "call Forward");
    }

    [Test]
    public void Inputs_twice()
    {
        _graph.BackwardInputs(_loss);
        Fails<PhaseException>(() => _graph.BackwardInputs(), "InputsDone", "BackwardWeights comes next");
    }

    [Test]
    public void Weights_before_inputs()
    {
        Fails<PhaseException>(() => _graph.BackwardWeights(), "Ready", "call Forward first");
        _graph.Forward(_loss);
        Fails<PhaseException>(() => _graph.BackwardWeights(), "BackwardWeights was called when the graph is Forwarded",
            "call BackwardInputs first");
        Fails<PhaseException>(() => _graph.RunNextDeferred(), "Forwarded", "call BackwardInputs first");
    }

    [Test]
    public void Fused_weights_before_the_inputs_of_one_of_the_graphs_leave_the_others_alone()
    {
        using Graph other = new(_backend);
        _graph.BackwardInputs(_loss);
        Fails<PhaseException>(() => Graph.BackwardWeights(_graph, other), "Ready");
        Assert.That(_graph.Phase, Is.EqualTo(GraphPhase.InputsDone));
    }

    [Test]
    public void Inputs_with_nothing_seeded()
    {
        _graph.Forward(_loss);
        Fails<PhaseException>(() => _graph.BackwardInputs(), "nothing to start from", "Seed");
    }

    [Test]
    public void A_seed_before_forward() => Fails<PhaseException>(() => _graph.Seed(_loss), "Ready", "call Forward first");

    [Test]
    public void A_seed_of_another_shape_or_type()
    {
        _graph.Forward(_y);
        using Tensor seed = new(_backend, [4]), doubles = new(_backend, [2, 2], DType.Float64);
        Fails<ShapeMismatchException>(() => _graph.Seed(_y, seed.View), "Float32[4], but the value is Float32[2,2]");
        Fails<ShapeMismatchException>(() => _graph.Seed(_y, doubles.View), "Float64[2,2]");
    }

    [Test]
    public void A_seed_of_a_value_that_forward_did_not_compute()
    {
        Value other = _x.Tanh();
        _graph.Forward(_y);
        Fails<PhaseException>(() => _graph.Seed(other), "Tanh -> [2,2] was not computed", "name it as an output");
    }

    [Test]
    public void A_loss_that_is_no_scalar() => Fails<PhaseException>(() => _graph.Backward(_y), "Exp -> [2,2]", "Sum or Mean");

    [Test]
    public void A_loss_of_integers()
    {
        Value max = _x.Reshape(4).ArgMax();
        Fails<PhaseException>(() => _graph.Backward(max), "Int32");
    }

    [Test]
    public void A_loss_that_nothing_trainable_leads_to()
    {
        Value fixedValue = _graph.Input<float>([1], Shape.Scalar).Exp();
        Fails<PhaseException>(() => _graph.Backward(fixedValue), "does not depend on anything trainable", "frozen");
    }

    [Test]
    public void Values_of_another_graph()
    {
        using Graph other = new(_backend);
        Value foreign = other.Input<float>([1, 2, 3, 4], [2, 2], name: "foreign");
        Fails<GraphException>(() => _ = _x + foreign, "b belongs to another graph than a", "one graph");
        Fails<GraphException>(() => _graph.Forward(foreign), "another graph");
        Fails<GraphException>(() => _graph.Keep(foreign), "another graph");
        _graph.Forward(_loss);
        Fails<GraphException>(() => _graph.Seed(foreign), "another graph");
    }

    [Test]
    public void A_value_that_was_freed_is_named_with_the_way_to_keep_it()
    {
        Value early = _x.Scale(2);
        _graph.Forward(early.Exp());
        Fails<GraphException>(
            () => _ = early.View, "Affine -> [2,2] is not held: no later rule reads it", "graph.Keep(value) before Forward");
    }

    [Test]
    public void A_value_that_was_not_computed_yet()
        => Fails<GraphException>(() => _ = _y.View, "has not been computed", "call Forward first");

    [Test]
    public void A_gradient_that_nobody_asked_for()
    {
        _graph.Backward(_loss);
        Fails<GraphException>(() => _ = _y.Gradient, "No gradient of Exp", "KeepGradient");
    }

    [Test]
    public void An_empty_value() => Fails<GraphException>(() => _ = default(Value).Shape, "empty Value", "default(Value)");
}
