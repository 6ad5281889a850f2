using AutogradCore.Nn;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class PrecisionTests
{
    private static readonly GptConfig Config = new(11, 5, Layers: 2, Heads: 2, Features: 8) { Precision = Precision.BFloat16 };

    [Test]
    public void Names_are_found_and_others_refused_with_the_choice()
    {
        Assert.That(Precision.Names.Select(Precision.Named), Is.EqualTo(new[] { Precision.Float32, Precision.BFloat16 }));
        ModelException? error = Assert.Throws<ModelException>(() => Precision.Named("fp8"));
        Assert.That(error!.Message, Does.Contain("fp8"));
        Assert.That(error.Hint, Does.Contain("float32, bf16"));
    }

    [Test]
    public void Every_activation_of_a_model_is_rounded_and_its_loss_and_gradients_are_not([Values] bool tied)
    {
        using ReferenceBackend backend = new();
        using Gpt model = new(Config with { TieEmbeddings = tied });
        model.Initialize(backend, 3);
        using Graph graph = new(backend);
        Value loss = Loss(model, graph);
        graph.Forward(loss);
        graph.Backward(loss);
        Assert.That(loss.DType, Is.EqualTo(DType.Float32));
        foreach (Node node in graph.Nodes.Where(n => n.Op is LinearOp or Attention or LayerNormOp or GeluTanh))
            Assert.That(node.Output(0).DType, Is.EqualTo(DType.BFloat16), node.ToString());
        foreach (Parameter parameter in model.Parameters())
            Assert.That((parameter.Data.DType, parameter.Gradient.DType), Is.EqualTo((DType.Float32, DType.Float32)));
    }

    /// <remarks>A loss of log V is off by a few roundoffs of the logits; a gradient by what some ten rounded layers in a row do.
    /// </remarks>
    [Test]
    public void Loss_and_gradients_are_those_of_the_model_in_floats_but_for_roundoff()
    {
        (double loss, double[][] gradients) = Gradients(Precision.Float32);
        (double rounded, double[][] found) = Gradients(Precision.BFloat16);
        Assert.That(rounded, Is.EqualTo(loss).Within(4 * BFloat16.UnitRoundoff).And.Not.EqualTo(loss));
        double largest = gradients.Max(g => g.Max(Math.Abs));
        for (int p = 0; p < gradients.Length; p++)
            Assert.That(found[p], Is.EqualTo(gradients[p]).Within(16 * BFloat16.UnitRoundoff * largest), $"parameter {p}");
    }

    [Test]
    public void A_model_in_doubles_stays_in_doubles()
    {
        using ReferenceBackend backend = new();
        using Gpt model = new(Config with { Precision = Precision.Float32 });
        model.Initialize(backend, 3, DType.Float64);
        using Graph graph = new(backend);
        Assert.That(Loss(model, graph).DType, Is.EqualTo(DType.Float64));
    }

    private static (double Loss, double[][] Gradients) Gradients(Precision precision)
    {
        using ReferenceBackend backend = new();
        using Gpt model = new(Config with { Precision = precision });
        model.Initialize(backend, 3);
        using Graph graph = new(backend);
        Value loss = Loss(model, graph);
        graph.Forward(loss);
        double value = loss.Item();
        graph.Backward(loss);
        return (value, [.. model.Parameters().Select(p => Array.ConvertAll(p.Gradient.ToArray<float>(), v => (double)v))]);
    }

    private static Value Loss(Gpt model, Graph graph)
    {
        int[] ids = [.. Enumerable.Range(0, 10).Select(i => i * 7 % 11)];
        return model.Forward(graph.Input<int>(ids, [2, 5])).CrossEntropy(graph.Input<int>([.. ids.Reverse()], [2, 5]));
    }
}
