using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>What a product's gradient rule reads and a cheap op computed is computed anew; and a gradient may take its operand's
/// place.</summary>
public sealed class CheapOutputTests
{
    private ReferenceBackend _backend = null!;
    private Graph _graph = null!;
    private Parameter _up = null!, _down = null!;

    [SetUp]
    public void Begin()
    {
        _backend = new ReferenceBackend();
        _graph = new Graph(_backend) { PoisonFreed = true };
        _up = Parameter.From<float>(_backend, [.. Enumerable.Range(0, 12).Select(i => MathF.Sin(i))], [6, 2], "up");
        _down = Parameter.From<float>(_backend, [.. Enumerable.Range(0, 12).Select(i => MathF.Cos(i))], [2, 6], "down");
    }

    [TearDown]
    public void End()
    {
        _graph.Dispose();
        _up.Dispose();
        _down.Dispose();
        Assert.That(_backend.Memory.Outstanding, Is.Zero, "buffers leaked");
        _backend.Dispose();
    }

    [Test]
    public void The_activation_between_two_layers_is_held_once_and_gradients_are_the_bits_of_holding_it_twice([Values] bool whole)
    {
        (Value hidden, Value y) = Perceptron();
        long[][] lean = Bits(y, whole, out long forwarded, out _);
        Assert.That(() => hidden.View, Throws.TypeOf<GraphException>());
        _graph.Keep(hidden);
        long[][] full = Bits(y, whole, out long withBoth, out _);
        Assert.That(lean, Is.EqualTo(full));
        Assert.That(withBoth - forwarded, Is.EqualTo(hidden.Shape.ElementCount * sizeof(float)));
    }

    [Test]
    public void Several_microbatches_in_one_W_compute_it_anew_for_each()
    {
        using Graph other = new(_backend) { PoisonFreed = true };
        long[][][] bits = new long[2][][];
        Value[] losses = [Perceptron().Y.Sum(), Perceptron(other).Y.Sum()];
        for (int joined = 0; joined < 2; joined++)
        {
            _up.ZeroGradient();
            _down.ZeroGradient();
            foreach (Value loss in losses)
            {
                loss.Graph.Forward(loss);
                loss.Graph.BackwardInputs(loss);
            }
            if (joined == 1) Graph.BackwardWeights(_graph, other);
            else foreach (Value loss in losses) loss.Graph.BackwardWeights();
            foreach (Value loss in losses)
                Assert.That(loss.Graph.HeldBytes, Is.EqualTo(loss.Graph.DeclaredBytes(GraphPhase.WeightsDone)));
            bits[joined] = Graphs.Bits.OfGradients([_up, _down]);
        }
        Assert.That(bits[1], Is.EqualTo(bits[0]));
    }

    [Test]
    public void What_two_rules_read_or_its_own_rule_reads_is_kept()
    {
        Value x = Input(_graph), up = x.Linear(_graph.Parameter(_up));
        Value twice = up.Relu(), own = up.Tanh();
        Value y = twice.Linear(_graph.Parameter(_down)) + (twice * twice).Linear(_graph.Parameter(_down))
            + own.Linear(_graph.Parameter(_down));
        _graph.Forward(y);
        Assert.That(twice.View.Exists && own.View.Exists);
    }

    [Test]
    public void The_gradient_of_logits_takes_their_place_with_the_bits_it_has_beside_them()
    {
        Value x = Input(_graph), logits = x.Linear(_graph.Parameter(_up));
        Value loss = logits.CrossEntropy(_graph.Input<int>([1, 5, 3], [3], name: "targets"));
        long[][] bits = Bits(loss, whole: false, out _, out long peak);
        _graph.Keep(logits);
        long[][] beside = Bits(loss, whole: false, out _, out long besidePeak);
        Assert.That(bits, Is.EqualTo(beside));
        Assert.That(besidePeak - peak, Is.EqualTo(logits.Shape.ElementCount * sizeof(float)));
    }

    [Test]
    public void Logits_that_a_later_rule_reads_or_that_are_the_users_are_not_overwritten()
    {
        using Tensor scores = Tensor.From<float>(_backend, [1, 2, 3, 4, 5, 6], [3, 2]);
        Value own = _graph.Input(scores, differentiable: true);
        Value logits = own.Linear(_graph.Parameter(_up)), targets = _graph.Input<int>([1, 5, 3], [3], name: "targets");
        Value loss = logits.CrossEntropy(targets) + logits.CrossEntropy(targets)
            + own.CrossEntropy(_graph.Input<int>([0, 1, 1], [3])) + (logits * logits).Sum();
        long[][] bits = Bits(loss, whole: false, out _, out _);
        _graph.Keep(logits);
        Assert.That(bits, Is.EqualTo(Bits(loss, whole: false, out _, out _)));
        Assert.That(scores.ToArray<float>(), Is.EqualTo(new float[] { 1, 2, 3, 4, 5, 6 }));
    }

    [Test]
    public void A_forgotten_gradient_gives_its_memory_back_and_the_next_one_takes_it_again()
    {
        Value loss = Perceptron().Y.Sum();
        int before = 0;
        for (int i = 0; i < 2; i++)
        {
            _graph.Forward(loss);
            before = _backend.Memory.Outstanding;
            _graph.Backward(loss);
            Tensor gradient = _down.Gradient;
            _up.ZeroGradient();
            _down.ZeroGradient();
            Assert.That(() => gradient.View, Throws.TypeOf<ObjectDisposedException>());
        }
        _graph.Abandon();
        Assert.That(_backend.Memory.Outstanding, Is.LessThan(before));
        Assert.That(_down.HasGradient, Is.False);
    }

    private static Value Input(Graph graph) => graph.Input<float>([1, -1, 2, 0.5f, -0.25f, 3], [3, 2], differentiable: true, "x");

    private (Value Hidden, Value Y) Perceptron(Graph? graph = null)
    {
        graph ??= _graph;
        Value hidden = Input(graph).Linear(graph.Parameter(_up)).Gelu(tanh: true);
        return (hidden, hidden.Linear(graph.Parameter(_down)));
    }

    /// <summary>The gradients of one step, with what it held after F and the most that was lent.</summary>
    private long[][] Bits(Value y, bool whole, out long forwarded, out long peak)
    {
        _up.ZeroGradient();
        _down.ZeroGradient();
        _graph.Abandon();
        _backend.Memory.ResetPeak();
        _graph.Forward(y);
        forwarded = _graph.HeldBytes;
        Assert.That(forwarded, Is.EqualTo(_graph.DeclaredBytes(GraphPhase.Forwarded)));
        _graph.Seed(y);
        if (whole)
        {
            _graph.Backward();
        }
        else
        {
            _graph.BackwardInputs();
            Assert.That(_graph.HeldBytes, Is.EqualTo(_graph.DeclaredBytes(GraphPhase.InputsDone)));
            _graph.BackwardWeights();
        }
        Assert.That(_graph.HeldBytes, Is.EqualTo(_graph.DeclaredBytes(GraphPhase.WeightsDone)));
        peak = _backend.Memory.PeakBytes;
        return Graphs.Bits.OfGradients([_up, _down]);
    }
}
