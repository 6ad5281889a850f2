using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

public sealed class HandedOnGradientTests
{
    private ReferenceBackend _backend = null!;
    private Graph _graph = null!;
    private Value _x;

    [SetUp]
    public void Begin()
    {
        _backend = new ReferenceBackend();
        _graph = new Graph(_backend) { PoisonFreed = true };
        _x = _graph.Input<float>([1, -1, 2, 5], [2, 2], differentiable: true, "x");
    }

    [TearDown]
    public void End()
    {
        _graph.Dispose();
        Assert.That(_backend.Memory.Outstanding, Is.Zero, "buffers leaked");
        _backend.Dispose();
    }

    [Test]
    public void Both_operands_of_a_sum_have_their_gradient_when_one_inherits_the_memory_and_is_added_to_later()
    {
        Value sum = _x + (_x * _x);
        Value y = sum.Reshape(4) * sum.Reshape(4);
        Backward(y);
        Assert.That(Elements(_x.Gradient), Is.EqualTo(new float[] { 12, 0, 60, 660 }));
    }

    [Test]
    public void A_kept_gradient_is_not_handed_on()
    {
        Value sum = (_x * _x) + _x, flat = sum.Reshape(4);
        _graph.KeepGradient(sum);
        _graph.KeepGradient(flat);
        Backward(flat * flat);
        Assert.That(Elements(sum.Gradient), Is.EqualTo(new float[] { 4, 0, 12, 60 }));
        Assert.That(Elements(flat.Gradient), Is.EqualTo(new float[] { 4, 0, 12, 60 }));
        Assert.That(Elements(_x.Gradient), Is.EqualTo(new float[] { 12, 0, 60, 660 }));
    }

    [Test]
    public void A_value_added_to_itself_gets_the_gradient_twice()
    {
        Backward(_x + _x);
        Assert.That(Elements(_x.Gradient), Is.EqualTo(new float[] { 2, 2, 2, 2 }));
    }

    [Test]
    public void A_chain_of_reshapes_needs_memory_for_one_gradient()
    {
        Value y = _x.Reshape(4).Reshape(1, 4).Reshape(2, 2);
        _graph.Forward(y);
        _graph.Seed(y);
        _backend.Memory.ResetPeak();
        long before = _backend.Memory.CurrentBytes;
        _graph.BackwardInputs();
        Assert.That(_backend.Memory.PeakBytes, Is.EqualTo(before));
        Assert.That(Elements(_x.Gradient), Is.EqualTo(new float[] { 1, 1, 1, 1 }));
    }

    private void Backward(Value y)
    {
        _graph.Forward(y);
        _graph.Seed(y);
        _graph.BackwardInputs();
        Assert.That(_graph.HeldBytes, Is.EqualTo(_graph.DeclaredBytes(GraphPhase.InputsDone)));
    }

    private static float[] Elements(View view) => view.Span<float>().ToArray();
}
