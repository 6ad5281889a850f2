using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

public sealed class GraphSeedTests
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

    private Value X() => _graph.Input<float>([1, -1, 2, 5], [2, 2], differentiable: true, "x");

    [Test]
    public void A_branch_that_was_computed_but_not_seeded_gets_no_gradient_and_frees_its_memory()
    {
        using Parameter other = Parameter.From<float>(_backend, [1, 2, 3, 4], [2, 2], "other");
        Value x = X(), seeded = x.Linear(_graph.Parameter(_w)), silent = x.Tanh().Linear(_graph.Parameter(other));
        _graph.Forward(seeded, silent);
        _graph.Seed(seeded);
        _graph.Backward();
        Assert.That((_w.HasGradient, other.HasGradient), Is.EqualTo((true, false)));
        Assert.That(_graph.HeldBytes, Is.EqualTo(seeded.View.Bytes + silent.View.Bytes + x.Gradient.Bytes));
    }

    [Test]
    public void Seeds_of_one_value_add_up_and_are_copied_at_once()
    {
        Value x = X(), y = x.Scale(2);
        _graph.Forward(y);
        using (Tensor seed = Tensor.From<float>(_backend, [1, 2, 3, 4], [2, 2]))
        {
            _graph.Seed(y, seed.View);
            seed.CopyFrom<float>([9, 9, 9, 9]);
        }
        _graph.Seed(y, 10);
        _graph.BackwardInputs();
        Assert.That(x.Gradient.Span<float>().ToArray(), Is.EqualTo(new float[] { 22, 24, 26, 28 }));
    }

    [Test]
    public void A_parameter_that_is_an_output_itself_gets_its_seed_in_the_second_half()
    {
        Value w = _graph.Parameter(_w);
        Value loss = (X() * w).Sum();
        _graph.Forward(w, loss);
        _graph.Seed(w, 3);
        _graph.Seed(loss, 1);
        Assert.That(_graph.HeldBytes - _graph.DeclaredBytes(GraphPhase.Forwarded), Is.EqualTo(20), "the two seeds");
        _graph.BackwardInputs();
        Assert.That(_w.HasGradient, Is.False);
        Assert.That(_graph.HeldBytes, Is.EqualTo(_graph.DeclaredBytes(GraphPhase.InputsDone)));
        _graph.BackwardWeights();
        Assert.That(_w.Gradient.ToArray<float>(), Is.EqualTo(new float[] { 4, 2, 5, 8 }));
        Assert.That(_graph.HeldBytes, Is.EqualTo(_graph.DeclaredBytes(GraphPhase.WeightsDone)));
    }

    [Test]
    public void A_seed_that_fails_is_not_counted_and_the_step_goes_on()
    {
        Value x = X(), loss = x.Sum();
        _graph.Forward(loss);
        long held = _graph.HeldBytes;
        Assert.That(() => _graph.Seed(loss, default(View)), Throws.InvalidOperationException);
        Assert.That(_graph.HeldBytes, Is.EqualTo(held));
        Assert.That(() => _graph.BackwardInputs(),
            Throws.TypeOf<PhaseException>().With.Message.Contains("nothing to start from"));
        _graph.Seed(loss, 2);
        Assert.That(() => _graph.Seed(loss, default(View)), Throws.InvalidOperationException);
        _graph.BackwardInputs();
        Assert.That(x.Gradient.Span<float>().ToArray(), Is.EqualTo(new float[] { 2, 2, 2, 2 }));
    }

    [Test]
    public void A_contribution_to_a_parameter_that_fails_leaves_it_without_a_gradient()
    {
        using Parameter scalar = Parameter.From<float>(_backend, [1], [], "scalar");
        Assert.That(() => scalar.AccumulateGradient(default), Throws.InvalidOperationException);
        Assert.That(scalar.HasGradient, Is.False);
        using Tensor three = Tensor.From<float>(_backend, [3], []);
        scalar.AccumulateGradient(three.View);
        Assert.That(scalar.Gradient.ToArray<float>(), Is.EqualTo(new float[] { 3 }));
    }
}
