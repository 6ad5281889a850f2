using AutogradCore.Nn;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class GptTests
{
    private static readonly GptConfig Tiny = new(Vocabulary: 5, Context: 4, Layers: 2, Heads: 2, Features: 4, KeyHeads: 1);
    private readonly ReferenceBackend _backend = new();

    [OneTimeTearDown]
    public void End() => _backend.Dispose();

    private Gpt Model(GptConfig config)
    {
        Gpt model = new(config);
        model.Initialize(_backend, seed: 2, DType.Float64);
        foreach (Parameter p in model.Parameters()) // larger values than a fresh model's, so that every gradient counts
            p.Data.CopyFrom<double>([.. Enumerable.Range(0, p.Shape.ElementCount)
                .Select(i => RandomStream.Named(p.Name, 1).Normal(i) * 0.4 + 0.1)]);
        return model;
    }

    [Test]
    public void A_position_sees_itself_and_the_past_alone()
    {
        using Gpt model = Model(Tiny);
        using Graph graph = new(_backend);
        double[] a = model.Forward(graph.Input<int>([0, 1, 2, 3], [1, 4])).ToArray<double>();
        double[] b = model.Forward(graph.Input<int>([0, 1, 2, 4], [1, 4])).ToArray<double>();
        Assert.That(b[..15], Is.EqualTo(a[..15]), "three positions of five logits");
        Assert.That(b[15..], Is.Not.EqualTo(a[15..]));
    }

    [Test]
    public void A_shorter_sequence_uses_the_first_positions_and_a_longer_one_is_refused()
    {
        using Gpt model = Model(Tiny);
        using Graph graph = new(_backend);
        double[] full = model.Forward(graph.Input<int>([0, 1, 2, 3], [1, 4])).ToArray<double>();
        Assert.That(model.Forward(graph.Input<int>([0, 1], [1, 2])).ToArray<double>(), Is.EqualTo(full[..10]).Within(1e-12));
        Value tooLong = graph.Input<int>([0, 1, 2, 3, 4], [1, 5]);
        Assert.That(() => model.Forward(tooLong),
            Throws.TypeOf<ShapeMismatchException>().With.Message.Contains("5 exceeds the model's context of 4"));
    }

    [Test]
    public void Numbers_that_do_not_divide_are_refused()
    {
        Assert.That(() => new MultiHeadAttention(features: 6, heads: 4),
            Throws.TypeOf<ModelException>().With.Message.Contains("6 features"));
        Assert.That(() => new MultiHeadAttention(features: 8, heads: 4, keyHeads: 3),
            Throws.TypeOf<ModelException>().With.Message.Contains("3 key heads"));
        Assert.That(() => GptConfig.Named("gpt-huge", context: 4),
            Throws.TypeOf<ModelException>().With.Message.Contains("gpt-nano, gpt-mini"));
    }
}
