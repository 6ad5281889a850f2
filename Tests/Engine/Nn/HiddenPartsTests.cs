using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

/// <summary>Parameters cannot be forgotten: one that no path leads to is an error which says where it is.</summary>
public sealed partial class HiddenPartsTests
{
    [TestCaseSource(nameof(Hiding))]
    public void A_field_that_hides_a_parameter_is_an_error_that_shows_the_way_to_it(Module model, string says)
    {
        foreach (Action question in (Action[])[() => model.Parameters(), () => model.Modules(), () => model.AssignNames()])
        {
            ModelException error = Assert.Throws<ModelException>(() => question())!;
            Assert.That(error.Message, Does.Contain(says));
            Assert.That(error.Hint, Does.Contain("arrays or lists"));
        }
        using ReferenceBackend backend = new();
        Assert.That(() => model.Initialize(backend, seed: 1), Throws.TypeOf<ModelException>());
        Assert.That(backend.Memory.Outstanding, Is.Zero, "nothing was allocated");
    }

    [TestCaseSource(nameof(Harmless))]
    public void Fields_without_parameters_are_nobody_s_business(object value)
    {
        using Holder model = new(value);
        Assert.That(model.Parameters(), Is.Empty);
    }

    [Test]
    public void What_a_closure_or_an_index_reaches_is_right_when_it_is_registered_too()
    {
        Block block = new();
        Chain circle = new();
        circle.Next = circle;
        Dictionary<string, Module> index = new() { ["block"] = block };
        Func<Value, Value> activation = x => block.Forward(x);
        using Holder model = new(new object[] { block, index, activation, circle });
        Assert.That(model.Parameters(), Is.EqualTo(new[] { block.Scale }));
    }

    [Test]
    public void Dispose_frees_what_is_registered_whatever_else_is_hidden()
    {
        using ReferenceBackend backend = new();
        Block block = new();
        Holder model = new(block);
        model.Initialize(backend, seed: 1);
        model.Hidden = new object[] { block, new Plain(new([1])) };
        Assert.That(() => model.Parameters(), Throws.TypeOf<ModelException>());
        model.Dispose();
        Assert.That(block.Scale.IsInitialized, Is.False);
        Assert.That(backend.Memory.Outstanding, Is.Zero);
    }
}
