using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

public sealed class RandomStateTests
{
    private readonly ReferenceBackend _backend = new();

    [OneTimeTearDown]
    public void End() => _backend.Dispose();

    private float[] Drop(RandomState state, ulong layer, bool noise = false, int runs = 1)
    {
        using Graph graph = new(_backend) { Random = state };
        Value x = graph.Input<float>([.. Enumerable.Repeat(1f, 64)], [64]);
        if (noise) _ = x.Dropout(0.3, layer: 99).Dropout(0.5, layer: 98);
        Value y = x.Dropout(0.5, layer);
        for (int i = 0; i < runs; i++) graph.Forward(y);
        return y.ToArray<float>();
    }

    [Test]
    public void Dropout_follows_from_seed_step_microbatch_and_layer_alone()
    {
        float[] bits = Drop(new(1, 2, 3), 4);
        Assert.That(bits.Distinct(), Is.EquivalentTo(new float[] { 0, 2 }));
        Assert.That(Drop(new(1, 2, 3), 4), Is.EqualTo(bits));
        Assert.That(Drop(new(1, 2, 3), 4, noise: true), Is.EqualTo(bits), "whatever else is recorded before");
        Assert.That(Drop(new(1, 2, 3), 4, runs: 3), Is.EqualTo(bits), "recomputed");
    }

    [Test]
    public void Dropout_changes_with_each_of_them()
    {
        float[][] different = [Drop(new(1, 2, 3), 4), Drop(new(9, 2, 3), 4), Drop(new(1, 9, 3), 4), Drop(new(1, 2, 9), 4),
            Drop(new(1, 2, 3), 9), Drop(new(1, 3, 2), 4)];
        for (int i = 0; i < different.Length; i++)
            for (int j = 0; j < i; j++)
                Assert.That(different[i], Is.Not.EqualTo(different[j]), $"{i} and {j}");
    }

    [Test]
    public void The_gradient_sees_the_mask_that_forward_drew_even_if_the_state_has_moved_on_since()
    {
        using Graph graph = new(_backend) { Random = new RandomState(1) };
        Value x = graph.Input<float>([.. Enumerable.Repeat(1f, 64)], [64], differentiable: true), y = x.Dropout(0.5, 7);
        graph.Forward(y);
        graph.Seed(y);
        graph.Random = new RandomState(1, Step: 1);
        graph.BackwardInputs();
        Assert.That(x.Gradient.Span<float>().ToArray(), Is.EqualTo(y.ToArray<float>()));
    }

    [Test]
    public void Layers_of_a_model_draw_different_numbers_and_microbatches_do_too()
    {
        using TinyGpt gpt = new(dropout: 0.4);
        using Recording a = gpt.Record(), b = gpt.Record();
        (a.Graph.Random, b.Graph.Random) = (new(1), new(1, Microbatch: 1));
        a.Forward();
        b.Forward();
        Assert.That(a.Loss.Item(), Is.Not.EqualTo(b.Loss.Item()));
        Assert.That(gpt.Model.Modules().OfType<Nn.Dropout>().Select(d => d.RandomKey), Is.Unique);
        gpt.Model.Train(false);
        using Recording evaluated = gpt.Record(), again = gpt.Record();
        again.Graph.Random = new(5);
        evaluated.Forward();
        again.Forward();
        Assert.That(evaluated.Loss.Item(), Is.EqualTo(again.Loss.Item()), "without dropout nothing is random");
    }
}
