using AutogradCore.Nn;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class InitializerTests
{
    private static readonly GptConfig Config = new(Vocabulary: 7, Context: 4, Layers: 2, Heads: 2, Features: 4);
    private readonly ReferenceBackend _backend = new();

    [OneTimeTearDown]
    public void End() => _backend.Dispose();

    private Dictionary<string, float[]> Values(Module model)
        => model.Parameters().ToDictionary(p => p.Name, p => p.Data.ToArray<float>());

    [Test]
    public void Layers_initialised_apart_under_their_names_start_with_the_bits_of_the_whole_model()
    {
        using Gpt whole = new(Config), parts = new(Config);
        whole.Initialize(_backend, seed: 5);
        for (int i = parts.Layers.Count - 1; i >= 0; i--)
        {
            parts.Layers[i].AssignNames($"layers.{i}");
            foreach (Parameter parameter in parts.Layers[i].Parameters()) parameter.Initialize(_backend, seed: 5);
        }
        Assert.That(Values(parts), Is.EquivalentTo(Values(whole)));
    }

    [Test]
    public void Another_seed_or_another_name_gives_other_values()
    {
        using Gpt one = new(Config), two = new(Config);
        one.Initialize(_backend, seed: 5);
        two.Initialize(_backend, seed: 6);
        Dictionary<string, float[]> a = Values(one), b = Values(two);
        Assert.That(a["layers.0.position"], Is.Not.EqualTo(b["layers.0.position"]));
        Assert.That(a["layers.1.attention.key.weight"], Is.Not.EqualTo(a["layers.2.attention.key.weight"]));
        Assert.That(a["layers.1.attention.key.weight"], Is.Not.EqualTo(a["layers.1.attention.query.weight"]));
    }

    [Test]
    public void Float_values_are_the_double_values_rounded()
    {
        using Linear narrow = new(5, 3), wide = new(5, 3);
        narrow.Initialize(_backend, seed: 1);
        wide.Initialize(_backend, seed: 1, DType.Float64);
        Assert.That(narrow.Weight.Data.ToArray<float>(), Is.EqualTo(wide.Weight.Data.ToArray<double>().Select(x => (float)x)));
    }

    [Test]
    public void Values_follow_the_distribution_that_was_asked_for()
    {
        using Linear uniform = new(100, 100), normal = new(100, 100, initializer: Initializer.Normal(0.02));
        foreach (Linear layer in (Linear[])[uniform, normal]) layer.Initialize(_backend, seed: 1, DType.Float64);
        double[] u = uniform.Weight.Data.ToArray<double>(), n = normal.Weight.Data.ToArray<double>();
        Assert.That(u, Is.All.InRange(-0.1, 0.1), "1/√K");
        Assert.That(u.Max(), Is.GreaterThan(0.099));
        Assert.That(n.Average(), Is.EqualTo(0).Within(0.001));
        Assert.That(Math.Sqrt(n.Average(x => x * x)), Is.EqualTo(0.02).Within(0.0005));
        Assert.That(uniform.Bias!.Data.ToArray<double>(), Is.All.Zero);
    }
}
