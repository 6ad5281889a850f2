using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

public sealed class GraphBackwardTests
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

    private Value X(bool differentiable = true) => _graph.Input<float>([1, -1, 2, 5], [2, 2], differentiable, "x");

    private static float[] Read(in View view) => view.Span<float>().ToArray();

    [Test]
    public void BackwardInputs_leaves_every_parameter_gradient_untouched()
    {
        Value loss = (X().Linear(_graph.Parameter(_w)) * _graph.Parameter(_w).Transpose()).Sum();
        _graph.BackwardInputs(loss);
        Assert.That(_w.HasGradient, Is.False);
        _graph.BackwardWeights();
        long[] first = Bits.Of(_w.Gradient.View);
        _graph.Forward(loss);
        _graph.BackwardInputs(loss);
        Assert.That(Bits.Of(_w.Gradient.View), Is.EqualTo(first));
        _graph.BackwardWeights();
        Assert.That(Bits.Of(_w.Gradient.View), Is.Not.EqualTo(first));
    }

    [Test]
    public void A_first_stage_without_a_differentiable_input_still_makes_the_list_of_deferred_work()
    {
        Value h = X(differentiable: false).Linear(_graph.Parameter(_w));
        _graph.BackwardInputs(h.Tanh().Linear(_graph.Parameter(_w)).Sum());
        Assert.That(_graph.Deferred.Count(), Is.EqualTo(2));
        Assert.That(_w.HasGradient, Is.False);
        _graph.BackwardWeights();
        Assert.That(_w.HasGradient);
    }

    [Test]
    public void Inputs_then_weights_gives_the_bits_of_Backward()
    {
        using TinyGpt gpt = new();
        using Recording step = gpt.Record();
        step.Forward();
        step.Graph.Backward(step.Loss);
        long[][] whole = Bits.OfGradients(gpt.Parameters);
        gpt.ZeroGradient();
        step.Forward();
        step.Graph.BackwardInputs(step.Loss);
        Assert.That(gpt.Parameters.Any(p => p.HasGradient), Is.False);
        step.Graph.BackwardWeights();
        Assert.That(Bits.OfGradients(gpt.Parameters), Is.EqualTo(whole));
        Assert.That(whole, Has.None.Empty);
    }

    [Test]
    public void A_product_of_activations_is_differentiated_both_ways_with_nothing_deferred()
    {
        Value x = X(), y = _graph.Input<float>([1, 2, 3, 4], [2, 2], differentiable: true, "y");
        _graph.BackwardInputs(x.MatMul(y).Sum());
        Assert.That(_graph.Deferred, Is.Empty);
        Assert.That(Read(x.Gradient), Is.EqualTo(new float[] { 3, 7, 3, 7 }));
        Assert.That(Read(y.Gradient), Is.EqualTo(new float[] { 3, 3, 4, 4 }));
    }

    [Test]
    public void Integer_operands_take_part_without_a_gradient()
    {
        Value ids = _graph.Input<int>([1, 1, 0], [3], name: "ids");
        _graph.Backward(_graph.Parameter(_w).Embedding(ids).Sum());
        Assert.That(_w.Gradient.ToArray<float>(), Is.EqualTo(new float[] { 1, 1, 2, 2 }));
        Assert.That(() => ids.Gradient, Throws.TypeOf<GraphException>());
    }

    [Test]
    public void An_unused_branch_is_neither_computed_nor_differentiated()
    {
        using Parameter unused = Parameter.From<float>(_backend, [1, 2, 3, 4], [2, 2], "unused");
        Value x = X(), branch = x.Linear(_graph.Parameter(unused));
        Value loss = x.Linear(_graph.Parameter(_w)).Sum();
        _graph.Forward(loss);
        Assert.That(() => branch.View, Throws.TypeOf<GraphException>());
        _graph.Backward(loss);
        Assert.That((_w.HasGradient, unused.HasGradient), Is.EqualTo((true, false)));
        Assert.That(_graph.HeldBytes, Is.EqualTo(loss.View.Bytes + x.Gradient.Bytes));
    }

    [Test]
    public void No_gradient_flows_through_Detach()
    {
        Value x = X();
        _graph.Backward((x.Detach() * x).Sum());
        Assert.That(Read(x.Gradient), Is.EqualTo(new float[] { 1, -1, 2, 5 }));
    }
}
