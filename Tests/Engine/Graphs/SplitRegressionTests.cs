using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>What an engine that got the split afterwards was seen to get wrong, each by its number there.</summary>
public sealed class SplitRegressionTests
{
    private readonly ReferenceBackend _backend = new();

    [OneTimeTearDown]
    public void End() => _backend.Dispose();

    private Parameter P(string name, params double[] values)
        => Parameter.From<double>(_backend, values, [values.Length / 2, 2], name);

    [Test]
    public void Pytorch_181365_a_weight_tied_between_embedding_and_head_gets_the_sum_of_both_uses_once()
    {
        using Parameter tied = P("table", 1, 2, 3, 4, 5, 6), table = P("a", 1, 2, 3, 4, 5, 6), head = P("b", 1, 2, 3, 4, 5, 6);
        Train(tied, tied, Run);
        Train(table, head, Run);
        double[] sum = [.. table.Gradient.ToArray<double>().Zip(head.Gradient.ToArray<double>(), (a, b) => a + b)];
        Assert.That(tied.Gradient.ToArray<double>(), Is.EqualTo(sum));

        void Train(Parameter embedding, Parameter projection, Action<Graph, Value> backward)
        {
            using Graph graph = new(_backend) { PoisonFreed = true };
            Value ids = graph.Input<int>([2, 0, 2], [3], name: "ids");
            Value h = graph.Parameter(embedding).Embedding(ids);
            backward(graph, h.MatMul(graph.Parameter(projection).Transpose()).Sum());
        }
    }

    [Test]
    public void Pytorch_170277_each_output_of_a_node_keeps_a_gradient_of_its_own()
    {
        using Graph graph = new(_backend) { PoisonFreed = true };
        using Parameter w = P("w", 1, 0, 0, 1);
        Value x = graph.Input<double>([1, 2, 3, 4], [2, 2], differentiable: true);
        Value[] parts = x.Linear(graph.Parameter(w)).Split(1, 1, 1);
        graph.Forward(parts);
        graph.Seed(parts[0], 10);
        graph.Seed(parts[1], 1);
        graph.BackwardInputs();
        Assert.That(x.Gradient.Span<double>().ToArray(), Is.EqualTo(new double[] { 10, 1, 10, 1 }));
        graph.BackwardWeights();
        Assert.That(w.Gradient.ToArray<double>(), Is.EqualTo(new double[] { 40, 60, 4, 6 }));
    }

    [Test]
    public void Pytorch_138119_outputs_do_not_keep_the_memory_of_the_graph_after_the_second_half()
    {
        using TinyGpt gpt = new();
        using Recording step = gpt.Record();
        step.Forward();
        long afterForward = step.Graph.HeldBytes;
        step.Graph.Backward(step.Loss);
        Assert.That(
            step.Graph.HeldBytes, Is.EqualTo(sizeof(float)), "the loss, which is held as an output, and nothing behind it");
        Assert.That(afterForward, Is.GreaterThan(1000));
        Assert.That(step.Loss.Item(), Is.EqualTo(Math.Log(TinyGpt.Vocabulary)).Within(0.2));
    }

    [Test]
    public void Pytorch_174017_an_op_computes_in_each_half_only_the_gradients_of_that_half()
    {
        CountingProduct op = new();
        using Graph graph = new(_backend);
        using Parameter w = P("w", 1, 2);
        graph.BackwardInputs(op.Apply(graph.Input<double>([3, 4], [1, 2], differentiable: true), graph.Parameter(w)).Sum());
        Assert.That(op.Computed, Is.EqualTo(new[] { 0 }));
        graph.BackwardWeights();
        Assert.That(op.Computed, Is.EqualTo(new[] { 0, 1 }));
    }

    [Test]
    public void Pytorch_185331_a_placeholder_belongs_to_the_graph_so_its_source_may_be_reused_between_the_halves()
    {
        using Parameter w = P("w", 1, 2, 3, 4);
        using Tensor received = Tensor.From<double>(_backend, [1, 2, 3, 4], [2, 2]),
            seed = Tensor.From<double>(_backend, [1, 1, 1, 1], [2, 2]);
        using Graph graph = new(_backend);
        Value x = graph.Placeholder([2, 2], DType.Float64, differentiable: true), y = x.Linear(graph.Parameter(w));
        graph.Feed(x, received.View);
        graph.Forward(y);
        graph.Seed(y, seed.View);
        graph.BackwardInputs();
        foreach (Tensor buffer in (Tensor[])[received, seed]) buffer.CopyFrom<double>([-7, -7, -7, -7]);
        graph.BackwardWeights();
        Assert.That(w.Gradient.ToArray<double>(), Is.EqualTo(new double[] { 4, 6, 4, 6 }));
    }

    [Test]
    public void Pytorch_144530_what_watches_gradients_watches_those_of_weights_too([Values] bool fused)
    {
        using Parameter w = P("w", 1, 2);
        using Graph first = Overflowing(w), second = Overflowing(w);
        Assert.That(() => Graph.BackwardWeights(fused ? [first, second] : [first]),
            Throws.TypeOf<AnomalyException>().With.Message.Contains("operand b").And.Message.Contains("in W"));
    }

    private Graph Overflowing(Parameter w)
    {
        Graph graph = new(_backend) { DetectAnomaly = true };
        Value y = graph.Input<double>([1e300, 1], [1, 2]) * graph.Parameter(w);
        graph.Forward(y);
        graph.Seed(y, 1e300);
        graph.BackwardInputs();
        return graph;
    }

    private static void Run(Graph graph, Value loss)
    {
        graph.BackwardInputs(loss);
        graph.BackwardWeights();
    }

    private sealed class CountingProduct : Op
    {
        public List<int> Computed { get; } = [];

        public override void Infer(Signature signature) => signature.Output(signature[0], signature.RequireFloating());

        public override void Forward(in ForwardContext c) => c.Backend.Zip<Multiply.Function>(c[0], c[1], Into(c.Y));

        public override Reads Reads(int operand) => AutogradCore.Reads.Operand(1 - operand);

        public override void Gradient(in GradientContext c)
        {
            for (int i = 0; i < 2; i++)
            {
                if (!c.Wants(i, out Destination gradient)) continue;
                Computed.Add(i);
                c.Backend.Zip<Multiply.Function>(c.Dy, c[1 - i], gradient);
            }
        }
    }
}
