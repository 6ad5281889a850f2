using NUnit.Framework;

namespace AutogradCore.Tests.Backends;

public sealed class OptionsTests
{
    [Test]
    public void Options_made_without_arguments_have_the_documented_defaults()
    {
        Assert.That(new AttentionOptions(), Is.EqualTo(new AttentionOptions(Causal: true)));
        Assert.That(new CrossEntropyOptions(), Is.EqualTo(new CrossEntropyOptions(Reduction.Mean, IgnoreIndex: -100)));
        Assert.That(new RotaryOptions(), Is.EqualTo(new RotaryOptions(Base: 10000)));
    }

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(-1.0)]
    public void Numbers_outside_their_range_are_refused_with_their_name_and_value(double bad)
    {
        Refused(() => new CrossEntropyOptions(LabelSmoothing: bad), "label smoothing", bad);
        Refused(() => new CrossEntropyOptions() with { LabelSmoothing = bad }, "label smoothing", bad);
        Refused(() => new RotaryOptions(Base: bad), "base of the rotary embedding", bad);
        Refused(() => new RotaryOptions() with { Base = bad }, "base of the rotary embedding", bad);
        Refused(() => new Nn.LayerNorm(3, epsilon: bad), "epsilon of LayerNorm", bad);
        Refused(() => new Nn.RmsNorm(3, epsilon: bad), "epsilon of RmsNorm", bad);
        Refused(() => new Nn.Dropout(bad), "probability", bad);
        Refused(() => new Nn.Gpt(new(5, 4, 1, 1, 4, Dropout: bad)), "probability", bad);
        Refused(() => Initializer.Normal(bad), "deviation", bad);
        Refused(() => Initializer.Uniform(bad), "bound", bad);
        Refused(() => Nn.LayerSplit.Balance([1, bad, 1], 2), "cost of layer 1", bad);
        Refused(() => new AutogradCore.Checking.GradCheckOptions(Tolerance: bad), "Tolerance", bad);
        if (bad == -1) return;
        Refused(() => new AttentionOptions(Scale: bad), "scale of attention", bad);
        Refused(() => new AttentionOptions() with { Scale = bad }, "scale of attention", bad);
        Refused(() => Initializer.Constant(bad), "value", bad);
        Refused(() => AutogradCore.Checking.CheckOperand.Random("x", [2], high: bad), "high", bad);
    }

    [Test]
    public void A_smoothing_of_1_a_base_of_0_and_a_block_at_no_depth_are_refused()
    {
        Refused(() => new CrossEntropyOptions(LabelSmoothing: 1), "label smoothing", 1);
        Refused(() => new RotaryOptions(Base: 0), "base", 0);
        Refused(() => new Nn.TransformerBlock(4, 2, depth: 0), "depth", 0);
        Refused(() => new Nn.Gpt(new(5, 4, -1, 1, 4)), "Layers", -1);
    }

    private static void Refused(Func<object> make, string name, double value) => Assert.That(make,
        Throws.TypeOf<ModelException>().With.Message.Contains(name)
            .And.Message.Contains(FormattableString.Invariant($"{value}")).And.Message.Contains("Hint: use"));

    [Test]
    public void Attention_scales_by_the_root_of_the_head_size_unless_told()
    {
        Assert.That(new AttentionOptions().ScaleFor(16), Is.EqualTo(0.25));
        Assert.That(new AttentionOptions(Scale: 2).ScaleFor(16), Is.EqualTo(2));
    }
}
