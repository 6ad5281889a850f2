using AutogradCore.Nn;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>Weights rounded to BFloat16 where products read them: gradients go to the floats behind them, unrounded.</summary>
public sealed class RoundedWeightsTests
{
    private ReferenceBackend _backend = null!;
    private Graph _graph = null!;
    private Parameter _up = null!, _bias = null!, _down = null!, _gain = null!;

    private Parameter[] All => [_up, _bias, _down, _gain];

    [SetUp]
    public void Begin()
    {
        _backend = new ReferenceBackend();
        _graph = new Graph(_backend) { PoisonFreed = true };
        _up = Wave([6, 2], "up");
        _bias = Wave([6], "bias");
        _down = Wave([2, 6], "down");
        _gain = Wave([2], "gain");
    }

    [TearDown]
    public void End()
    {
        _graph.Dispose();
        _up.Dispose();
        _bias.Dispose();
        _down.Dispose();
        _gain.Dispose();
        Assert.That(_backend.Memory.Outstanding, Is.Zero, "buffers leaked");
        _backend.Dispose();
    }

    /// <remarks>Next to 256, BFloat16 has 258: a sum kept in it would never leave 256.</remarks>
    [Test]
    public void Small_gradients_of_many_microbatches_add_up_beside_a_large_one([Values] bool joined)
    {
        using Parameter w = Parameter.From<float>(_backend, [0.5f], [1, 1]), b = Parameter.From<float>(_backend, [0f], [1], "b");
        const int small = 100;
        Graph[] graphs = [.. Enumerable.Range(0, small + 1).Select(_ => new Graph(_backend))];
        for (int i = 0; i <= small; i++)
        {
            Value x = graphs[i].Input<BFloat16>([(BFloat16)1f], [1, 1]);
            Value y = x.Linear(Precision.WeightFor(x, w), graphs[i].Parameter(b));
            graphs[i].Forward(y);
            graphs[i].Seed(y, i == 0 ? 256 : 0.25);
            graphs[i].BackwardInputs();
            if (!joined) graphs[i].BackwardWeights();
        }
        if (joined) Graph.BackwardWeights(graphs);
        Assert.That(w.Gradient.ToArray<float>(), Is.EqualTo(new[] { 256 + small * 0.25f }));
        Assert.That(b.Gradient.ToArray<float>(), Is.EqualTo(new[] { 256 + small * 0.25f }));
        foreach (Graph graph in graphs) graph.Dispose();
    }

    [Test]
    public void BackwardInputs_leaves_every_parameter_gradient_untouched_and_I_with_W_has_the_bits_of_B()
    {
        Value loss = Perceptron(_graph).Sum();
        _graph.Forward(loss);
        _graph.BackwardInputs(loss);
        Assert.That(All.Any(p => p.HasGradient), Is.False);
        _graph.BackwardWeights();
        long[][] apart = Gradients();
        _graph.Forward(loss);
        _graph.Backward(loss);
        Assert.That(Gradients(), Is.EqualTo(apart));
    }

    [Test]
    public void Several_microbatches_in_one_W_have_the_bits_of_one_after_another()
    {
        using Graph other = new(_backend) { PoisonFreed = true };
        Value[] losses = [Perceptron(_graph).Sum(), Perceptron(other, shift: 1).Sum()];
        long[][][] bits = new long[2][][];
        for (int joined = 0; joined < 2; joined++)
        {
            foreach (Value loss in losses)
            {
                loss.Graph.Forward(loss);
                loss.Graph.BackwardInputs(loss);
            }
            if (joined == 1) Graph.BackwardWeights(_graph, other);
            else foreach (Value loss in losses) loss.Graph.BackwardWeights();
            bits[joined] = Gradients();
        }
        Assert.That(bits[1], Is.EqualTo(bits[0]));
    }

    [Test]
    public void Rounded_weights_are_not_held_and_the_bytes_of_each_phase_are_the_declared_ones()
    {
        Value loss = Perceptron(_graph).Sum();
        _graph.Forward(loss);
        foreach (Node node in _graph.Nodes.Where(n => n.Op is Cast && !n.DependsOnData))
            Assert.That(() => node.Output(0).View, Throws.TypeOf<GraphException>(), node.ToString());
        Assert.That(_graph.HeldBytes, Is.EqualTo(_graph.DeclaredBytes(GraphPhase.Forwarded)));
        _graph.BackwardInputs(loss);
        Assert.That(_graph.HeldBytes, Is.EqualTo(_graph.DeclaredBytes(GraphPhase.InputsDone)));
        _graph.BackwardWeights();
        Assert.That(_graph.HeldBytes, Is.EqualTo(_graph.DeclaredBytes(GraphPhase.WeightsDone)));
        foreach (Parameter parameter in All) Assert.That(parameter.Gradient.DType, Is.EqualTo(DType.Float32), parameter.Name);
    }

    [Test]
    public void A_weight_changed_before_it_is_rounded_anew_is_an_error()
    {
        Value loss = Perceptron(_graph).Sum();
        _graph.Forward(loss);
        _down.Data.CopyFrom<float>(new float[12]);
        GraphException? error = Assert.Throws<GraphException>(() => _graph.BackwardInputs(loss));
        Assert.That(error!.Message, Does.Contain("down").And.Contain("changed"));
    }

    [Test]
    public void A_weight_of_two_uses_and_one_of_two_operands_sum_in_floats()
    {
        using Parameter w = Wave([2, 2], "w");
        Value x = Data(_graph, 0), twice = x.Linear(Precision.WeightFor(x, w)).Linear(Precision.WeightFor(x, w));
        Value square = Precision.WeightFor(x, w) * Precision.WeightFor(x, w);
        Value loss = (twice.Linear(square)).Sum();
        _graph.Forward(loss);
        _graph.Backward(loss);
        float[] rounded = w.Gradient.ToArray<float>();
        w.ZeroGradient();

        using Graph exact = new(_backend);
        Value wide = exact.Input<float>([.. Samples(0).Select(v => (float)v)], [4, 2]), weight = exact.Parameter(w);
        Value expected = wide.Linear(weight).Linear(weight).Linear(weight * weight).Sum();
        exact.Forward(expected);
        exact.Backward(expected);
        float[] values = w.Gradient.ToArray<float>();
        double largest = values.Max(Math.Abs);
        Assert.That(rounded, Is.EqualTo(values).Within(16 * BFloat16.UnitRoundoff * largest));
        Assert.That(rounded, Is.Not.EqualTo(values));
    }

    [Test]
    public void A_gradient_that_is_asked_for_is_kept_beside_the_parameters()
    {
        Value x = Data(_graph, 0), rounded = Precision.WeightFor(x, _down);
        Value loss = x.Linear(_graph.Parameter(_up).Cast(DType.BFloat16)).Linear(rounded).Sum();
        _graph.KeepGradient(rounded);
        _graph.Forward(loss);
        _graph.Backward(loss);
        Assert.That(rounded.Gradient.DType, Is.EqualTo(DType.Float32));
        Assert.That(rounded.Gradient.Span<float>().ToArray(), Is.EqualTo(_down.Gradient.ToArray<float>()));
    }

    [Test]
    public void A_parameter_is_never_rounded_itself()
    {
        using Parameter p = new([2]);
        DTypeException? error = Assert.Throws<DTypeException>(() => p.Initialize(_backend, 1, DType.BFloat16));
        Assert.That(error!.Message, Does.Contain("BFloat16"));
        Assert.Throws<DTypeException>(() => Parameter.From<BFloat16>(_backend, [default], [1]));
        Assert.That(p.IsInitialized, Is.False);
    }

    private Value Perceptron(Graph graph, int shift = 0)
    {
        Value x = Data(graph, shift).RmsNorm(graph.Parameter(_gain));
        Value hidden = x.Linear(Precision.WeightFor(x, _up), graph.Parameter(_bias)).Gelu(tanh: true);
        return hidden.Linear(Precision.WeightFor(hidden, _down)).Tanh();
    }

    private static Value Data(Graph graph, int shift) =>
        graph.Input<BFloat16>(Samples(shift), [4, 2], differentiable: true);

    private static BFloat16[] Samples(int shift) => [.. Enumerable.Range(0, 8).Select(i => (BFloat16)MathF.Sin(2 * i + shift))];

    private Parameter Wave(Shape shape, string name) => Parameter.From<float>(
        _backend, [.. Enumerable.Range(0, shape.ElementCount).Select(i => MathF.Cos(i + name.Length))], shape, name);

    private long[][] Gradients()
    {
        long[][] bits =
            [.. All.Select(p => Array.ConvertAll(p.Gradient.ToArray<float>(), v => (long)BitConverter.SingleToInt32Bits(v)))];
        foreach (Parameter parameter in All) parameter.ZeroGradient();
        return bits;
    }
}
