using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>What ends a step and what may not, and what a user may change or give up in the middle of one.</summary>
[Parallelizable]
public sealed class GraphStepTests
{
    private ReferenceBackend _backend = null!;
    private Graph _graph = null!;
    private Parameter _w = null!;

    [SetUp]
    public void Open()
    {
        _backend = new ReferenceBackend();
        _graph = new Graph(_backend);
        _w = Parameter.From<float>(_backend, [2, 3], [2]);
    }

    [TearDown]
    public void Close()
    {
        _graph.Dispose();
        _w.Dispose();
        _backend.Dispose();
    }

    [Test]
    public void A_second_loss_does_not_discard_the_weight_work_of_the_first()
    {
        Value x = Input(), first = (x * _graph.Parameter(_w)).Sum(), second = (x * x).Sum();
        _graph.BackwardInputs(first);
        Assert.That(() => _graph.BackwardInputs(second), Throws.TypeOf<PhaseException>());
        Assert.That(() => _graph.Forward(second),
            Throws.TypeOf<PhaseException>().With.Message.Contains("BackwardWeights first, or Abandon"));
        _graph.BackwardWeights();
        Assert.That(_w.Gradient.ToArray<float>(), Is.EqualTo(new float[] { 5, 6 }));
    }

    [Test]
    public void An_abandoned_step_leaves_nothing_held_and_no_parameter_gradient()
    {
        Value loss = (Input() * _graph.Parameter(_w)).Sum();
        _graph.BackwardInputs(loss);
        _graph.Abandon();
        Assert.That(_graph.HeldBytes, Is.Zero);
        Assert.That(_w.HasGradient, Is.False);
        _graph.Backward(loss);
        Assert.That(_w.Gradient.ToArray<float>(), Is.EqualTo(new float[] { 5, 6 }));
    }

    [Test]
    public void A_gradient_given_up_early_still_reaches_the_weights()
    {
        Value h = Input() * _graph.Parameter(_w), loss = (h * h).Sum();
        _graph.KeepGradient(h);
        Assert.That(() => _graph.ReleaseGradient(h), Throws.TypeOf<PhaseException>());
        _graph.BackwardInputs(loss);
        _graph.ReleaseGradient(h);
        _graph.BackwardWeights();
        Assert.That(_w.Gradient.ToArray<float>(), Is.EqualTo(new float[] { 2 * 10 * 5, 2 * 18 * 6 }));
        Assert.That(_graph.HeldBytes, Is.EqualTo(_graph.DeclaredBytes(GraphPhase.WeightsDone)));
        Assert.That(() => h.Gradient, Throws.TypeOf<GraphException>());
    }

    [Test]
    public void Reading_another_value_never_restarts_a_step_that_has_begun()
    {
        Value x = Input(), loss = (x * x).Sum(), aside = x.Exp();
        _graph.Forward(loss);
        _graph.Seed(loss);
        Assert.That(
            () => aside.ToArray<float>(), Throws.TypeOf<GraphException>().With.Message.Contains("naming it among the outputs"));
        _graph.Backward();
        Assert.That(() => aside.ToArray<float>(), Throws.TypeOf<GraphException>());
        Assert.That(x.Gradient.Span<float>().ToArray(), Is.EqualTo(new float[] { 10, 12 }));
    }

    [Test]
    public void Reading_a_value_is_no_promise_to_keep_it()
    {
        Value x = Input(), h = x.Scale(2), loss = h.Sum();
        Assert.That(h.ToArray<float>(), Is.EqualTo(new float[] { 10, 12 }));
        _graph.Forward(loss);
        Assert.That(_graph.HeldBytes, Is.EqualTo(sizeof(float)), "the loss alone");
    }

    [Test]
    public void An_input_disposed_under_way_is_named()
    {
        Tensor tensor = Tensor.From<float>(_backend, [5, 6], [2]);
        Value loss = (_graph.Input(tensor, name: "tokens") * _graph.Parameter(_w)).Sum();
        _graph.BackwardInputs(loss);
        tensor.Dispose();
        Assert.That(() => _graph.BackwardWeights(),
            Throws.TypeOf<GraphException>().With.Message.Contains("'tokens'").And.Message.Contains("disposed"));
    }

    [Test]
    public void A_parameter_changed_under_way_is_named()
    {
        Value loss = (Input() * _graph.Parameter(_w)).Sum();
        _graph.Forward(loss);
        _graph.Seed(loss);
        _w.Data.CopyFrom<float>([7, 7]);
        Assert.That(() => _graph.BackwardInputs(),
            Throws.TypeOf<GraphException>().With.Message.Contains("'w'").And.Message.Contains("changed"));
    }

    [Test]
    public void A_graph_given_twice_to_one_call_is_refused_before_anything_runs()
    {
        _graph.BackwardInputs((Input() * _graph.Parameter(_w)).Sum());
        Assert.That(() => Graph.BackwardWeights(_graph, _graph), Throws.TypeOf<GraphException>());
        Assert.That(_w.HasGradient, Is.False);
    }

    [Test]
    public void Two_values_that_share_memory_are_kept_and_given_up_one_by_one()
    {
        Value h = Input().Scale(2), view = h.Reshape(1, 2), loss = h.Sum();
        _graph.Keep(h);
        _graph.Keep(view);
        _graph.Forward(loss);
        _graph.Release(view);
        Assert.That(h.View.Span<float>().ToArray(), Is.EqualTo(new float[] { 10, 12 }));
        _graph.Release(h);
        Assert.That(() => h.View, Throws.TypeOf<GraphException>());
        Assert.That(_graph.HeldBytes, Is.EqualTo(_graph.DeclaredBytes(GraphPhase.Forwarded)));
    }

    [Test]
    public void A_placeholder_that_the_outputs_do_not_need_is_freed()
    {
        Value needed = _graph.Placeholder([2]), unneeded = _graph.Placeholder([100]), y = needed.Sum();
        _ = unneeded.Exp();
        _graph.Feed<float>(needed, [1, 2]);
        _graph.Feed<float>(unneeded, new float[100]);
        _graph.Forward(y);
        Assert.That(_graph.HeldBytes, Is.EqualTo(sizeof(float)));
    }

    [Test]
    public void A_cleared_graph_forgets_its_outputs()
    {
        _graph.Forward(Input().Sum());
        _graph.Clear();
        Value y = Input().Exp();
        Assert.That(_graph.DeclaredBytes(GraphPhase.Forwarded), Is.EqualTo(2 * sizeof(float)));
        Assert.That(y.ToArray<float>(), Has.Length.EqualTo(2));
    }

    [Test]
    public void One_dropout_layer_used_twice_draws_two_masks_and_the_same_two_when_recorded_again()
    {
        float[] Draw(out float[] second)
        {
            _graph.Clear();
            Value x = _graph.Input<float>(Enumerable.Repeat(1f, 64).ToArray(), [64]), a = x.Dropout(0.5, layer: 3),
                b = x.Dropout(0.5, layer: 3);
            _graph.Forward(a, b);
            second = b.ToArray<float>();
            return a.ToArray<float>();
        }

        float[] first = Draw(out float[] other);
        Assert.That(other, Is.Not.EqualTo(first));
        Assert.That(Draw(out float[] again), Is.EqualTo(first));
        Assert.That(again, Is.EqualTo(other));
    }

    [Test]
    public void A_rule_that_asks_twice_for_one_destination_is_refused()
    {
        Value y = new AsksTwice().Apply(Input());
        Assert.That(() => _graph.Backward(y.Sum()), Throws.TypeOf<OpContractException>().With.Message.Contains("asks twice"));
    }

    [Test]
    public void A_view_that_is_no_view_is_refused_when_recorded() =>
        Assert.That(() => new FalseView().Apply(Input()), Throws.TypeOf<OpContractException>().With.Message.Contains("view"));

    [Test]
    public void A_tensor_that_nobody_disposes_is_reported()
    {
        Leak(_backend);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(_backend.Memory.LeakedTensors, Is.EqualTo(1));

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Leak(IBackend backend) => _ = new Tensor(backend, [4]);
    }

    [Test]
    public void A_graph_that_holds_memory_and_that_nobody_disposes_is_reported_with_its_bytes()
    {
        Leak(_backend, run: true);
        Leak(_backend, run: false);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        MemoryPool memory = _backend.Memory;
        Assert.That((memory.LeakedGraphs, memory.LeakedTensors, memory.LeakedBytes), Is.EqualTo((1, 0, 16L)));
        Assert.That(memory.CurrentBytes, Is.EqualTo(16 + 8), "what leaked, and the parameter of this test");

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Leak(IBackend backend, bool run)
        {
            Graph graph = new(backend);
            Value x = graph.Placeholder([4]), y = x.Exp();
            if (!run) return;
            graph.Feed<float>(x, new float[4]);
            graph.Forward(y);
        }
    }

    private Value Input() => _graph.Input<float>([5, 6], [2], differentiable: true);

    private sealed class AsksTwice : Op
    {
        public override void Infer(Signature s) => s.Output(s[0], s.DType(0));

        public override void Forward(in ForwardContext c) => c.Backend.Copy(c[0], Into(c.Y));

        public override void Gradient(in GradientContext c)
        {
            if (c.Wants(0, out _) && c.Wants(0, out Destination dx)) c.Backend.Copy(c.Dy, dx);
        }
    }

    private sealed class FalseView : Op
    {
        public override bool IsView => true;

        public override void Infer(Signature s) => s.Output([100_000], s.DType(0));
    }
}
