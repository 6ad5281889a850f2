using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>NaN and infinity are named where they arise, and a step that failed leaves a graph that can go on.</summary>
public sealed class AnomalyTests
{
    private ReferenceBackend _backend = null!;
    private Graph _graph = null!;
    private Parameter _w = null!;

    [SetUp]
    public void Begin()
    {
        _backend = new ReferenceBackend();
        _graph = new Graph(_backend) { DetectAnomaly = true };
        _w = Parameter.From<double>(_backend, [0, 4], [2], "blocks.1.scale");
    }

    [TearDown]
    public void End()
    {
        _graph.Dispose();
        _w.Dispose();
        Assert.That(_backend.Memory.Outstanding, Is.Zero, "buffers leaked");
        _backend.Dispose();
    }

    private Value Input(double first) => _graph.Input<double>([first, 1], [2], differentiable: true);

    private static void Finds(Action action, params string[] says)
    {
        string message = Assert.Throws<AnomalyException>(action)!.Message;
        foreach (string part in says) Assert.That(message, Does.Contain(part));
    }

    [Test]
    public void A_NaN_in_forward_names_the_op_the_module_and_the_phase()
    {
        Value y = (Input(-1) * _graph.Parameter(_w)).Log();
        Finds(() => _graph.Forward(y), "Log -> [2] produced NaN or infinity in F", "element [0] is -");
        Assert.That((_graph.Phase, _graph.HeldBytes), Is.EqualTo((GraphPhase.Ready, 0L)));
    }

    [Test]
    public void An_infinity_in_an_op_that_works_for_a_module_names_the_module()
    {
        Value y = Input(1) / _graph.Parameter(_w);
        Finds(() => _graph.Forward(y), "Divide 'blocks.1' -> [2] produced NaN or infinity in F");
    }

    [Test]
    public void An_infinity_that_a_mask_brings_passes_and_a_row_that_is_masked_whole_leaves_shared_weights_finite()
    {
        Value mask = _graph.Constant<byte>([1, 1, 0, 1], [2, 2], "mask");
        Value w = _graph.Parameter(_w), scores = _graph.Input<double>([1, 2, 3, 4], [2, 2]) * w;
        Value loss = (scores.MaskedFill(mask, double.NegativeInfinity).Softmax() * w).Slice(0, 1, 1).Sum();
        _graph.Backward(loss);
        Assert.That(_w.Gradient.ToArray<double>().Select(double.IsFinite), Is.All.True);
        Assert.That(loss.Item(), Is.Zero, "w[0] is the only share");
    }

    [Test]
    public void NaN_beside_a_mask_is_still_found_with_its_place()
    {
        Value x = _graph.Input<double>([1, 2, 3, double.NegativeInfinity], [2, 2]);
        Finds(() => _graph.Forward(x - x), "Subtract -> [2,2]", "element [1,1] is NaN");
    }

    [Test]
    public void A_gradient_that_overflows_names_the_op_the_operand_and_the_phase()
    {
        Value x = Input(1), y = x * _graph.Parameter(_w);
        _graph.Forward(y);
        _graph.Seed(y, double.MaxValue);
        Finds(() => _graph.BackwardInputs(), "Multiply 'blocks.1' -> [2]", "operand a", "in I");
    }

    [Test]
    public void A_weight_gradient_that_overflows_is_found_in_the_second_half()
    {
        Value y = Input(4) * _graph.Parameter(_w);
        _w.Data.CopyFrom<double>([0.5, 0.5]);
        _graph.Forward(y);
        _graph.Seed(y, double.MaxValue);
        _graph.BackwardInputs();
        Finds(() => _graph.BackwardWeights(), "operand b", "in W");
    }

    [Test]
    public void Without_detection_infinities_pass()
    {
        _graph.DetectAnomaly = false;
        Value y = Input(1) / _graph.Parameter(_w);
        Assert.That(y.ToArray<double>()[0], Is.EqualTo(double.PositiveInfinity));
    }

    [Test]
    public void A_step_that_failed_is_given_up_and_the_next_one_is_right()
    {
        using Tensor input = Tensor.From<double>(_backend, [1, 1], [2]);
        Value x = _graph.Input(input, differentiable: true), y = x.Exp() * _graph.Parameter(_w);
        _graph.Forward(y);
        _graph.Seed(y, double.MaxValue);
        Assert.That(() => _graph.BackwardInputs(), Throws.TypeOf<AnomalyException>());
        Assert.That((_graph.Phase, _graph.HeldBytes), Is.EqualTo((GraphPhase.Ready, 0L)));
        Assert.That(() => _graph.BackwardInputs(), Throws.TypeOf<PhaseException>(), "half of it is gone");
        input.CopyFrom<double>([0, 0]);
        _graph.Forward(y);
        _graph.Seed(y);
        _graph.Backward();
        Assert.That(x.Gradient.Span<double>().ToArray(), Is.EqualTo(new double[] { 0, 4 }));
        Assert.That(_w.Gradient.ToArray<double>(), Is.EqualTo(new double[] { 1, 1 }));
    }

    [Test]
    public void A_rule_that_throws_leaves_nothing_behind_for_the_rules_after_it()
    {
        FailingOnce op = new();
        Value x = Input(3), y = op.Apply(x, x);
        Assert.That(() => _graph.Backward(y.Sum()), Throws.TypeOf<InvalidOperationException>());
        _graph.Forward(y);
        _graph.Seed(y);
        _graph.Backward();
        Assert.That(x.Gradient.Span<double>().ToArray(), Is.EqualTo(new double[] { 2, 2 }));
    }

    /// <summary>y = a + b, failing in its first backward pass after it has taken both destinations.</summary>
    private sealed class FailingOnce : Op
    {
        private bool _failed;

        public override void Infer(Signature signature) => signature.Output(signature[0], signature.RequireFloating());

        public override void Forward(in ForwardContext c) => c.Backend.Zip<Add.Function>(c[0], c[1], Into(c.Y));

        public override void Gradient(in GradientContext c)
        {
            c.Wants(0, out Destination da);
            c.Wants(1, out Destination db);
            if (!_failed)
            {
                _failed = true;
                c.Backend.Fill(da.View, double.NaN);
                c.Backend.Fill(db.View, double.NaN);
                throw new InvalidOperationException("once");
            }
            c.Backend.Copy(c.Dy, da);
            c.Backend.Copy(c.Dy, db);
        }
    }
}
