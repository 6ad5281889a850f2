using AutogradCore.Checking;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

public sealed class GraphWeightsTests
{
    private ReferenceBackend _backend = null!;
    private Graph _graph = null!;
    private Parameter _w = null!;

    [SetUp]
    public void Begin()
    {
        _backend = new ReferenceBackend();
        _graph = new Graph(_backend) { PoisonFreed = true };
        _w = Parameter.From<double>(_backend, [1, 2, 3, 4], [2, 2]);
    }

    [TearDown]
    public void End()
    {
        _graph.Dispose();
        _w.Dispose();
        Assert.That(_backend.Memory.Outstanding, Is.Zero, "buffers leaked");
        _backend.Dispose();
    }

    private Value X(bool differentiable = true) => _graph.Input<double>([1, -1, 2, 5], [2, 2], differentiable, "x");

    private static readonly Dictionary<string, Func<Value, Value>> Reworkings = new()
    {
        ["masked"] = w => w * w.Graph.Constant<double>([1, 0, 1, 1], [2, 2], "mask"),
        ["normalised"] = w => w / (w * w).Sum([1], keepAxes: true),
        ["transposed"] = w => w.Transpose(),
        ["reshaped twice"] = w => w.Reshape(4).Reshape(2, 2),
        ["chained"] = w => w.Tanh().Transpose().Scale(3),
    };

    [TestCaseSource(nameof(ReworkedNames))]
    public void A_reworked_weight_stays_on_the_weight_side_and_waits_for_the_second_half(string reworking)
    {
        Value w = _graph.Parameter(_w), reworked = Reworkings[reworking](w), x = X();
        _graph.KeepGradient(reworked);
        _graph.BackwardInputs(x.Linear(reworked).Tanh().Sum());
        Assert.That(reworked.Node.DependsOnData, Is.False);
        Assert.That(x.Gradient.Exists, "the neighbour's gradient is ready");
        Assert.That(() => reworked.Gradient, Throws.TypeOf<GraphException>(), "not touched yet");
        Assert.That(_graph.Deferred.Select(d => d.Node.Op), Is.EqualTo(new[] { LinearOp.Instance }));
        _graph.BackwardWeights();
        Assert.That(reworked.Gradient.Exists);
        Assert.That(_w.HasGradient);
    }

    private static IEnumerable<string> ReworkedNames => Reworkings.Keys;

    [TestCaseSource(nameof(ReworkedNames))]
    public void A_reworked_weight_gets_the_right_gradient(string reworking) => GradCheck.Run(reworking,
        v => v[0].Linear(Reworkings[reworking](v[1])).Tanh(),
        CheckOperand.Random("x", [3, 2]), CheckOperand.Random("W", [2, 2], 0.5, 2)).ThrowIfWrong();

    [Test]
    public void A_frozen_parameter_costs_nothing()
    {
        long Held(bool trainable)
        {
            _w.Trainable = trainable;
            using Graph graph = new(_backend);
            Value h = graph.Input<double>([1, -1, 2, 5], [2, 2], differentiable: true).Scale(2);
            Value y = h.Linear(graph.Parameter(_w));
            graph.Forward(y);
            long held = graph.HeldBytes - y.View.Bytes;
            graph.Seed(y);
            graph.BackwardInputs();
            Assert.That(graph.Deferred.Any(), Is.EqualTo(trainable));
            graph.BackwardWeights();
            Assert.That(_w.HasGradient, Is.EqualTo(trainable));
            return held;
        }
        Assert.That(Held(trainable: false), Is.Zero, "the input rule reads W alone, and no weight rule will read h");
        Assert.That(Held(trainable: true), Is.EqualTo(4 * sizeof(double)), "h");
    }

    [Test]
    public void Freezing_takes_effect_at_the_next_forward()
    {
        Value x = X(), loss = x.Linear(_graph.Parameter(_w)).Sum();
        _graph.Backward(loss);
        long[] before = Bits.Of(_w.Gradient.View);
        _w.Trainable = false;
        _graph.Forward(loss);
        _graph.Backward(loss);
        Assert.That(Bits.Of(_w.Gradient.View), Is.EqualTo(before));
        _w.Trainable = true;
        _graph.Forward(loss);
        _graph.Backward(loss);
        Assert.That(Bits.Of(_w.Gradient.View), Is.Not.EqualTo(before));
    }

    [Test]
    public void A_forgotten_gradient_is_overwritten_whatever_it_was()
    {
        Value loss = X().Linear(_graph.Parameter(_w)).Sum();
        _graph.Backward(loss);
        double[] right = _w.Gradient.ToArray<double>();
        _w.Gradient.CopyFrom<double>([double.NaN, double.NaN, double.PositiveInfinity, 1]);
        _w.ZeroGradient();
        _graph.Forward(loss);
        _graph.Backward(loss);
        Assert.That(_w.Gradient.ToArray<double>(), Is.EqualTo(right));
    }

    [Test]
    public void Deferred_work_tells_its_parameters_its_bytes_and_its_cost()
    {
        Value x = X().Scale(1);
        _graph.BackwardInputs(x.Linear(_graph.Parameter(_w)).Tanh().Sum());
        Deferred piece = _graph.Deferred.Single();
        Assert.That(piece.Parameters, Is.EqualTo(new[] { _w }));
        Assert.That(piece.Bytes, Is.EqualTo(2 * 4 * sizeof(double)), "x and dy");
        Assert.That(piece.Cost, Is.EqualTo(2 * 2 * 2 * 2), "two flops for each of N·M·K products");
        Assert.That(piece.ToString(), Does.Contain("Linear").And.Contain("16 flop").And.Contain("64 bytes"));
        Assert.That(_graph.HeldBytes, Is.EqualTo(piece.Bytes + sizeof(double) + 4 * sizeof(double)),
            "besides it, the loss and dx of the input");
    }

    [Test]
    public void Deferred_work_can_be_run_piece_by_piece_with_the_bits_of_the_whole()
    {
        using TinyGpt gpt = new();
        using Recording step = gpt.Record(poison: true);
        step.Forward();
        step.Graph.Backward(step.Loss);
        long[][] whole = Bits.OfGradients(gpt.Parameters);
        gpt.ZeroGradient();
        step.Forward();
        step.Graph.BackwardInputs(step.Loss);
        List<int> left = [step.Graph.Deferred.Count()];
        List<long> held = [step.Graph.HeldBytes];
        while (step.Graph.RunNextDeferred())
        {
            left.Add(step.Graph.Deferred.Count());
            held.Add(step.Graph.HeldBytes);
        }
        Assert.That(left, Is.EqualTo(Enumerable.Range(1, left[0]).Reverse()), "one less each time");
        Assert.That(held, Is.Ordered.Descending, "each piece frees what it held");
        Assert.That(step.Graph.Phase, Is.EqualTo(GraphPhase.WeightsDone));
        Assert.That(Bits.OfGradients(gpt.Parameters), Is.EqualTo(whole));
    }
}
