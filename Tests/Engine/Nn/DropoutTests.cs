using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

/// <summary>The random numbers of dropout follow from seed, step, microbatch, path and use alone.</summary>
public sealed class DropoutTests
{
    private readonly ReferenceBackend _backend = new();

    [OneTimeTearDown]
    public void End() => _backend.Dispose();

    private static Value Ones(Graph graph) => graph.Input<double>([.. Enumerable.Repeat(1.0, 64)], [64]);

    private double[][] TwoUses(Module first, Module second)
    {
        using Graph graph = new(_backend) { Random = new RandomState(7, Step: 3, Microbatch: 1) };
        Value x = Ones(graph);
        Value a = first.Forward(x), b = second.Forward(x);
        graph.Forward(a, b);
        return [a.ToArray<double>(), b.ToArray<double>()];
    }

    [Test]
    public void Two_uses_of_one_module_in_one_recording_drop_different_elements()
    {
        using Nn.Dropout dropout = new(0.5);
        double[][] uses = TwoUses(dropout, dropout);
        Assert.That(uses[0], Is.Not.EqualTo(uses[1]));
    }

    [Test]
    public void Two_modules_without_a_name_drop_different_elements()
    {
        using Nn.Dropout first = new(0.5), second = new(0.5);
        double[][] uses = TwoUses(first, second);
        Assert.That(uses[0], Is.Not.EqualTo(uses[1]));
    }

    [Test]
    public void Another_recording_of_the_same_model_gives_the_same_bits_use_by_use()
    {
        using Nn.Dropout dropout = new(0.5);
        double[][] first = TwoUses(dropout, dropout), again = TwoUses(dropout, dropout);
        Assert.That(again, Is.EqualTo(first));
    }

    [Test]
    public void Recording_anew_on_a_cleared_graph_gives_the_same_bits()
    {
        using Nn.Dropout dropout = new(0.5);
        using Graph graph = new(_backend) { Random = new RandomState(7) };
        double[] before = dropout.Forward(Ones(graph)).ToArray<double>();
        graph.Clear();
        Assert.That(dropout.Forward(Ones(graph)).ToArray<double>(), Is.EqualTo(before));
    }
}
