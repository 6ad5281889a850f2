using AutogradCore.Nn;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

/// <summary>A model put together wrongly says so before anything is allocated.</summary>
public sealed class ModuleErrorsTests
{
    private readonly ReferenceBackend _backend = new();

    [OneTimeTearDown]
    public void End()
    {
        Assert.That(_backend.Memory.Outstanding, Is.Zero, "buffers leaked");
        _backend.Dispose();
    }

    private abstract class Part : Module
    {
        public override Value Forward(Value x) => x;
    }

    private sealed class SameName : Part
    {
        private readonly Parameter _weight = new([1]);

        public Parameter Weight { get; } = new([1]);

        public Parameter Other => _weight;
    }

    [Test]
    public void Two_parameters_of_one_name_are_an_error_before_anything_is_allocated()
    {
        using SameName model = new();
        Assert.That(() => model.Initialize(_backend, seed: 1), Throws.TypeOf<ModelException>().With.Message.Contains("'weight'"));
        Assert.That(model.Other.IsInitialized || model.Weight.IsInitialized, Is.False);
    }

    [Test]
    public void Initialising_twice_is_an_error_that_changes_nothing()
    {
        using Linear inner = new(2, 2);
        inner.Initialize(_backend, seed: 1);
        using Sequential model = new(new Linear(2, 2), inner);
        Assert.That(() => model.Initialize(_backend, seed: 1),
            Throws.TypeOf<ModelException>().With.Message.Contains("initialised already"));
        Assert.That(model.Parameters().Count(p => p.IsInitialized), Is.EqualTo(2), "the two of before");
    }

    [Test]
    public void Using_a_model_before_Initialize_says_so()
    {
        using Graph graph = new(_backend);
        using Linear layer = new(1, 1);
        Value x = graph.Input<float>([1], [1, 1]);
        Assert.That(() => layer.Forward(x), Throws.TypeOf<ModelException>().With.Message.Contains("call Initialize"));
    }
}
