using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>Feeding, clearing, disposing, and going on after an error.</summary>
public sealed class GraphLifetimeTests
{
    private ReferenceBackend _backend = null!;
    private Graph _graph = null!;

    [SetUp]
    public void Begin()
    {
        _backend = new ReferenceBackend();
        _graph = new Graph(_backend);
    }

    [TearDown]
    public void End()
    {
        _graph.Dispose();
        Assert.That(_backend.Memory.Outstanding, Is.Zero, "buffers leaked");
        _backend.Dispose();
    }

    [Test]
    public void A_placeholder_must_be_fed_before_every_forward()
    {
        Value x = _graph.Placeholder([2], name: "ids"), y = x.Exp();
        Assert.That(
            () => _graph.Forward(y), Throws.TypeOf<PhaseException>().With.Message.Contains("Input 'ids' of [2] was not fed"));
        _graph.Feed<float>(x, [1, 2]);
        _graph.Forward(y);
        Assert.That(() => _graph.Forward(y), Throws.TypeOf<PhaseException>());
        Assert.That(_graph.HeldBytes, Is.Zero);
    }

    [Test]
    public void Wrong_food_is_refused_with_both_shapes()
    {
        Value x = _graph.Placeholder([2, 3], name: "x"), computed = x.Exp(), tensor = _graph.Input<float>([1], [1], name: "t");
        using Tensor wrong = new(_backend, [3, 2]);
        Assert.That(() => _graph.Feed<float>(x, [1, 2]),
            Throws.TypeOf<ShapeMismatchException>().With.Message.Contains("[2,3] (6 elements), but was fed 2"));
        Assert.That(() => _graph.Feed<int>(x, [1, 2, 3, 4, 5, 6]),
            Throws.TypeOf<DTypeException>().With.Message.Contains("Float32, but was fed Int32"));
        Assert.That(() => _graph.Feed(x, wrong.View), Throws.TypeOf<ShapeMismatchException>().With.Message.Contains("[3,2]"));
        Assert.That(
            () => _graph.Feed<float>(tensor, [1]), Throws.TypeOf<GraphException>().With.Message.Contains("Tensor.CopyFrom"));
        Assert.That(
            () => _graph.Feed<float>(computed, [1, 2, 3, 4, 5, 6]), Throws.TypeOf<GraphException>().With.Message.Contains("Exp"));
    }

    [Test]
    public void Feeding_gives_up_the_step_that_is_under_way()
    {
        Value x = _graph.Placeholder([2], differentiable: true), loss = x.Exp().Sum();
        _graph.Feed<float>(x, [1, 2]);
        _graph.BackwardInputs(loss);
        _graph.Feed<float>(x, [0, 0]);
        Assert.That((_graph.Phase, _graph.HeldBytes), Is.EqualTo((GraphPhase.Ready, 8L)));
        _graph.Backward(loss);
        Assert.That(x.Gradient.Span<float>().ToArray(), Is.EqualTo(new float[] { 1, 1 }));
    }

    [Test]
    public void A_tensor_input_is_read_anew_by_every_run()
    {
        using Tensor tensor = Tensor.From<float>(_backend, [1, 2], [2]);
        Value y = _graph.Input(tensor).Scale(10);
        _graph.Forward(y);
        tensor.CopyFrom<float>([3, 4]);
        _graph.Forward(y);
        Assert.That(y.ToArray<float>(), Is.EqualTo(new float[] { 30, 40 }));
    }

    [Test]
    public void Tensors_and_parameters_of_another_backend_are_refused_by_name()
    {
        using ReferenceBackend other = new();
        using Tensor tensor = Tensor.From<float>(other, [1], [1]);
        using Parameter parameter = Parameter.From<float>(other, [1], [1], "w");
        Assert.That(
            () => _graph.Input(tensor, name: "x"), Throws.TypeOf<GraphException>().With.Message.Contains("'x' lives on backend"));
        Assert.That(
            () => _graph.Parameter(parameter), Throws.TypeOf<GraphException>().With.Message.Contains("'w' lives on backend"));
    }

    [Test]
    public void Integers_cannot_be_differentiable()
    {
        Assert.That(() => _graph.Placeholder([2], DType.Int32, differentiable: true, name: "ids"),
            Throws.TypeOf<DTypeException>().With.Message.Contains("'ids' is Int32"));
        Assert.That(() => _graph.Input<int>([2], [1], differentiable: true), Throws.TypeOf<DTypeException>());
    }

    [Test]
    public void Values_from_before_Clear_are_invalid_and_the_graph_starts_afresh()
    {
        Value x = _graph.Input<float>([1, 2], [2], differentiable: true), loss = x.Sum();
        _graph.BackwardInputs(loss);
        _graph.Clear();
        Assert.That(_backend.Memory.Outstanding, Is.Zero);
        Value again = _graph.Input<float>([3, 4], [2]).Exp();
        Assert.That(() => loss.Shape, Throws.TypeOf<GraphException>().With.Message.Contains("before its graph was cleared"));
        Assert.That(() => x + again, Throws.TypeOf<GraphException>());
        _graph.Forward(again);
        Assert.That(_graph.HeldBytes, Is.EqualTo(8));
    }

    [Test]
    public void A_disposed_graph_does_nothing_more()
    {
        Value x = _graph.Placeholder([2]);
        using Tensor tensor = new(_backend, [1]);
        using Parameter parameter = Parameter.From<float>(_backend, [1], [1]);
        _graph.Dispose();
        _graph.Dispose();
        Assert.That(() => _graph.Forward(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => _graph.BackwardInputs(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => _graph.Input(tensor), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => _graph.Input<float>([1], [1]), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => _graph.Parameter(parameter), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => x.Exp(), Throws.TypeOf<ObjectDisposedException>());
    }
}
