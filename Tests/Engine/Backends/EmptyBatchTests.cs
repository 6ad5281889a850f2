using AutogradCore.Nn;
using NUnit.Framework;

namespace AutogradCore.Tests.Backends;

/// <summary>An empty batch goes through everything, forward and backward, and moves no weight.</summary>
public sealed class EmptyBatchTests(BackendCase on) : BackendTests(on)
{
    private static readonly Func<Value, Value>[] Ops =
    [
        x => x.Exp(), x => x.Log(), x => x.Tanh(), x => x.Sigmoid(), x => x.Relu(), x => x.Gelu(), x => x.Gelu(tanh: true),
        x => x.Silu(), x => 3 * x + 1, x => 1 / x - x / x, x => x * x, x => x.Dropout(0.5, 1), x => x.Detach() * x,
        x => x.Softmax(), x => x.LogSoftmax(), x => x.Softmax(0), x => x.LayerNorm(), x => x.RmsNorm(), x => x.Max(-1),
        x => x.Sum([0]), x => x.Sum([-1], keepAxes: true), x => x.Transpose(0, -1), x => x.Reshape(0, -1), x => x.Reshape(-1, 8),
        x => x.Slice(-1, 1, 2), x => Value.Concat(0, x, x), x => x.Split(-1, 3, 5)[1], x => x.MatMul(x, transposeB: true),
        x => x.MatMul(x, transposeA: true), x => x.Cast(DType.BFloat16).Cast(DType.Float32), x => x.Mean([-1]),
        x => x.Reshape(0, 2, 2, 2).Attention(x.Reshape(0, 2, 2, 2), x.Reshape(0, 2, 2, 2)), x => x.Reshape(0, 2, 2, 2).Rotary(),
        x => Value.Where(x.Graph.Constant<byte>([1, 0, 1, 0, 1, 0, 1, 0], [8]), x, x.Scale(2)),
        x => x.CrossEntropy(x.Graph.Input<int>([], [0])), x => x.CrossEntropy(x.Graph.Input<int>([], [0]), new(Reduction.Sum)),
    ];

    [Test]
    public void Every_op_takes_no_rows_in_both_backward_passes()
    {
        for (int i = 0; i < Ops.Length; i++)
            using (Graph graph = new(B))
            {
                Value x = graph.Placeholder([0, 8], DType, differentiable: true);
                Value loss = Ops[i](x).Cast(DType).Sum();
                FeedNothing(graph, x);
                graph.BackwardInputs(loss);
                graph.BackwardWeights();
                Assert.That((loss.Item(), x.Gradient.Shape), Is.EqualTo((0.0, Shape.Of(0, 8))),
                    $"op {i}: {loss.Node.Operands[0]}");
            }
    }

    [Test]
    public void Every_layer_takes_no_rows_and_its_weights_get_gradients_of_zero()
    {
        foreach (Module layer in new Module[]
        {
            new Linear(8, 3), new Mlp(8), new LayerNorm(8), new RmsNorm(8), new Nn.Dropout(0.5), new Activation(x => x.Tanh()),
            new MultiHeadAttention(8, 2), new MultiHeadAttention(8, 4, keyHeads: 2, rotary: new()),
            new TransformerBlock(8, 2, 0.5),
        })
            using (layer)
                foreach (Shape shape in new Shape[] { [0, 3, 8], [2, 0, 8], [0, 0, 8] })
                {
                    if (layer.Parameters().Any(p => !p.IsInitialized)) layer.Initialize(B, 1, DType);
                    using Graph graph = new(B);
                    Value x = graph.Placeholder(shape, DType, differentiable: true);
                    FeedNothing(graph, x);
                    graph.BackwardInputs(layer.Forward(x).Sum());
                    graph.BackwardWeights();
                    RequireZero(layer, $"{layer.GetType().Name} of {shape}");
                }
    }

    [Test]
    public void A_gpt_takes_no_sequences_and_sequences_of_no_tokens([Values] bool tied)
    {
        using Gpt gpt = new(new GptConfig(11, 5, Layers: 1, Heads: 2, Features: 8, Dropout: 0.1) { TieEmbeddings = tied });
        gpt.Initialize(B, 1, DType);
        foreach (Shape shape in new Shape[] { [0, 5], [2, 0], [0, 0] })
        {
            using Graph graph = new(B);
            Value ids = graph.Input<int>([], shape), targets = graph.Input<int>([], shape);
            Value loss = gpt.Forward(ids).CrossEntropy(targets);
            graph.BackwardInputs(loss);
            graph.BackwardWeights();
            Assert.That(loss.Item(), Is.Zero);
            RequireZero(gpt, $"{shape}");
        }
    }

    private void FeedNothing(Graph graph, Value x)
    {
        if (DType == DType.Float64) graph.Feed<double>(x, []);
        else graph.Feed<float>(x, []);
    }

    private void RequireZero(Module module, string what)
    {
        foreach (Parameter parameter in module.Parameters())
        {
            double[] gradient = DType == DType.Float64
                ? parameter.Gradient.ToArray<double>()
                : [.. parameter.Gradient.ToArray<float>().Select(g => (double)g)];
            Assert.That(gradient, Is.All.Zero, $"{what}: {parameter.Name}");
            parameter.ZeroGradient();
        }
    }
}
