using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

public sealed class GraphKeepTests
{
    private ReferenceBackend _backend = null!;
    private Graph _graph = null!;
    private Parameter _w = null!;

    [SetUp]
    public void Begin()
    {
        _backend = new ReferenceBackend();
        _graph = new Graph(_backend) { PoisonFreed = true };
        _w = Parameter.From<float>(_backend, [1, 2, 3, 4], [2, 2]);
    }

    [TearDown]
    public void End()
    {
        _graph.Dispose();
        _w.Dispose();
        Assert.That(_backend.Memory.Outstanding, Is.Zero, "buffers leaked");
        _backend.Dispose();
    }

    [Test]
    public void A_released_value_is_freed_when_no_rule_reads_it_any_more()
    {
        Value x = _graph.Input<float>([1, 2, 3, 4], [2, 2], differentiable: true), y = x.Tanh(), z = x.Scale(2);
        _graph.Forward(y, z);
        _graph.Release(z);
        Assert.That(_graph.HeldBytes, Is.EqualTo(16), "y: its own rule reads it");
        _graph.Release(y);
        _graph.Release(y);
        Assert.That(_graph.HeldBytes, Is.EqualTo(16), "released twice counts once");
        _graph.Seed(y);
        _graph.BackwardInputs();
        Assert.That(_graph.HeldBytes, Is.EqualTo(_graph.DeclaredBytes(GraphPhase.InputsDone)).And.EqualTo(16), "dx alone");
    }

    [Test]
    public void A_placeholder_that_no_rule_reads_is_freed_by_forward()
    {
        Value x = _graph.Placeholder([2, 2]), y = x + _graph.Parameter(_w);
        _graph.Feed<float>(x, [1, 2, 3, 4]);
        Assert.That(_graph.HeldBytes, Is.EqualTo(16));
        _graph.Forward(y);
        Assert.That(_graph.HeldBytes, Is.EqualTo(16), "y");
        Assert.That(() => x.View, Throws.TypeOf<GraphException>().With.Message.Contains("Keep"));
    }

    [Test]
    public void A_value_may_be_kept_in_the_middle_of_a_step_while_it_is_held()
    {
        Value x = _graph.Input<float>([1, 2, 3, 4], [2, 2], differentiable: true), held = x.Tanh(),
            gone = held.Scale(2), y = gone.Exp();
        _graph.Forward(y);
        _graph.Keep(held);
        _graph.Keep(gone);
        _graph.Seed(y);
        _graph.Backward();
        Assert.That(held.View.Exists);
        Assert.That(() => gone.View, Throws.TypeOf<GraphException>(), "it was gone before");
        Assert.That(_graph.HeldBytes, Is.EqualTo(_graph.DeclaredBytes(GraphPhase.WeightsDone)).And.EqualTo(48));
        _graph.Forward(y);
        Assert.That(gone.View.Exists, "kept in the next step");
    }

    [Test]
    public void Asking_for_declared_bytes_in_the_middle_of_a_step_disturbs_nothing()
    {
        Value x = _graph.Input<float>([1, 2, 3, 4], [2, 2], differentiable: true),
            y = x.Exp().Linear(_graph.Parameter(_w)).Tanh();
        _graph.Forward(y);
        _graph.Seed(y);
        _graph.Keep(x.Scale(3));
        _ = _graph.DeclaredBytes(GraphPhase.InputsDone);
        _graph.Backward();
        Assert.That(_graph.HeldBytes, Is.EqualTo(y.View.Bytes + x.Gradient.Bytes));
    }
}
