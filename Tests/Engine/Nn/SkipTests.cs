using AutogradCore.Nn;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class SkipTests
{
    [Test]
    public void A_skip_connection_within_one_graph_has_the_values_and_gradients_of_the_formula()
    {
        using ReferenceBackend backend = new();
        Skip skip = new();
        using Sequential model = new(skip.Out, new Gelu(), skip.In((x, s) => x * s), skip.In((x, s) => x + s));
        using Graph graph = new(backend);
        Value x = graph.Input<double>([0.5, -1, 2], [3], differentiable: true);
        Value y = model.Forward(x), expected = x.Gelu() * x + x;
        Assert.That(y.ToArray<double>(), Is.EqualTo(expected.ToArray<double>()));
        double[] gradient = Gradient(y), wanted = Gradient(expected);
        Assert.That(gradient, Is.EqualTo(wanted).Within(1e-14));

        double[] Gradient(Value result)
        {
            graph.Abandon();
            graph.Forward(result);
            graph.Seed(result, 1);
            graph.Backward();
            double[] elements = new double[3];
            backend.Download<double>(x.Gradient, elements);
            return elements;
        }
    }

    [Test]
    public void An_end_without_a_start_before_it_is_refused_also_after_the_graph_was_cleared()
    {
        using ReferenceBackend backend = new();
        Skip skip = new();
        SkipIn end = skip.In((x, s) => x + s);
        using Graph graph = new(backend);
        Value first = graph.Input<float>([1], [1]);
        Assert.That(() => end.Forward(first), Throws.TypeOf<ModelException>().With.Message.Contains("Skip.Out"));
        Assert.That(() => end.Forward(skip.Out.Forward(first)), Throws.Nothing);
        graph.Clear();
        Value second = graph.Input<float>([1], [1]);
        Assert.That(() => end.Forward(second), Throws.TypeOf<ModelException>());
    }

    private sealed class Gelu : Module
    {
        public override Value Forward(Value x) => x.Gelu();
    }
}
