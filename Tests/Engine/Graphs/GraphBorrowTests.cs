using AutogradCore.Nn;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>Memory of users that rules still read: changed or disposed within a step it is refused, by whatever view it is
/// read.</summary>
public sealed class GraphBorrowTests
{
    private ReferenceBackend _backend = null!;
    private Graph _graph = null!;
    private Parameter _w = null!;
    private Tensor _batch = null!;

    [SetUp]
    public void Open()
    {
        _backend = new ReferenceBackend();
        _graph = new Graph(_backend);
        _w = Parameter.From<float>(_backend, [1, 2, 3, 4], [1, 4]);
        _batch = Tensor.From<float>(_backend, [1, 2, 3, 4], [2, 2]);
    }

    [TearDown]
    public void Close()
    {
        _graph.Dispose();
        _w.Dispose();
        _batch.Dispose();
        _backend.Dispose();
    }

    private static IEnumerable<TestCaseData> Views() =>
    [
        View("reshaped", x => x.Reshape(1, 4)),
        View("reshaped twice", x => x.Reshape(4).Reshape(1, 4)),
        View("detached", x => x.Detach().Reshape(1, 4)),
        View("detached last", x => x.Reshape(1, 4).Detach()),
        View("by way of a skip connection", x =>
        {
            Skip skip = new();
            SkipIn end = skip.In((_, kept) => kept);
            return end.Forward(skip.Out.Forward(x.Reshape(1, 4)));
        }),
    ];

    private static TestCaseData View(string name, Func<Value, Value> view) => new TestCaseData(view).SetArgDisplayNames(name);

    [TestCaseSource(nameof(Views))]
    public void An_input_overwritten_between_I_and_W_is_refused_through_views(Func<Value, Value> view)
    {
        _graph.BackwardInputs(Loss(view));
        _batch.CopyFrom<float>([9, 9, 9, 9]);
        RefusedBy(() => _graph.BackwardWeights(), "'batch'", "changed");
        Assert.That(_w.HasGradient, Is.False);
    }

    [TestCaseSource(nameof(Views))]
    public void An_input_disposed_between_I_and_W_is_refused_through_views_and_its_memory_is_not_read(Func<Value, Value> view)
    {
        _graph.BackwardInputs(Loss(view));
        _batch.Dispose();
        using Tensor next = Tensor.From<float>(_backend, [9, 9, 9, 9], [4]);
        RefusedBy(() => _graph.BackwardWeights(), "'batch'", "disposed");
    }

    [TestCaseSource(nameof(Views))]
    public void Weights_of_several_microbatches_at_once_are_refused_too(Func<Value, Value> view)
    {
        using Graph other = new(_backend);
        other.BackwardInputs(other.Input<float>([5, 6, 7, 8], [1, 4]).Linear(other.Parameter(_w)).Sum());
        _graph.BackwardInputs(Loss(view));
        _batch.CopyFrom<float>([9, 9, 9, 9]);
        RefusedBy(() => Graph.BackwardWeights(other, _graph), "'batch'", "changed");
    }

    [Test]
    public void An_input_overwritten_between_F_and_I_is_refused_where_I_reads_a_view_of_it()
    {
        Value x = _graph.Input(_batch, differentiable: true, name: "batch").Reshape(4), loss = (x * x).Sum();
        _graph.Forward(loss);
        _graph.Seed(loss);
        _batch.CopyFrom<float>([9, 9, 9, 9]);
        RefusedBy(() => _graph.BackwardInputs(), "'batch'", "changed");
    }

    [Test]
    public void A_parameter_changed_between_F_and_I_is_refused_where_I_reads_a_view_of_it()
    {
        Value x = _graph.Input<float>([1, 2, 3, 4], [2, 2], differentiable: true);
        Value loss = (x * _graph.Parameter(_w).Reshape(2, 2)).Sum();
        _graph.Forward(loss);
        _graph.Seed(loss);
        _w.Data.CopyFrom<float>([7, 7, 7, 7]);
        RefusedBy(() => _graph.BackwardInputs(), "'w'", "changed");
    }

    [Test]
    public void A_view_that_nobody_touches_gives_what_F_read()
    {
        _graph.Backward(Loss(x => x.Reshape(1, 4).Detach()));
        Assert.That(_w.Gradient.ToArray<float>(), Is.EqualTo(new float[] { 1, 2, 3, 4 }));
    }

    [Test]
    public void A_value_of_a_disposed_tensor_is_not_read_and_the_next_run_is_refused_by_name()
    {
        Value x = _graph.Input(_batch, name: "batch"), y = x.Reshape(4);
        _graph.Forward(y);
        _batch.Dispose();
        using Tensor next = Tensor.From<float>(_backend, [9, 9, 9, 9], [4]);
        RefusedBy(() => y.ToArray<float>(), "'batch'", "disposed");
        RefusedBy(() => _ = x.View, "'batch'", "disposed");
        RefusedBy(() => _graph.Forward(y), "'batch'", "disposed");
    }

    [Test]
    public void A_gradient_that_a_user_disposed_counts_as_none()
    {
        Value loss = Loss(x => x.Reshape(1, 4));
        _graph.Backward(loss);
        _w.Gradient.Dispose();
        _graph.Forward(loss);
        _graph.Backward(loss);
        Assert.That(_w.Gradient.ToArray<float>(), Is.EqualTo(new float[] { 1, 2, 3, 4 }));
    }

    private Value Loss(Func<Value, Value> view) =>
        view(_graph.Input(_batch, name: "batch")).Linear(_graph.Parameter(_w)).Sum();

    private static void RefusedBy(Action action, params string[] says)
    {
        string message = Assert.Throws<GraphException>(action)!.Message;
        foreach (string part in says) Assert.That(message, Does.Contain(part));
    }
}
