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

    [Test]
    public void Attention_scales_by_the_root_of_the_head_size_unless_told()
    {
        Assert.That(new AttentionOptions().ScaleFor(16), Is.EqualTo(0.25));
        Assert.That(new AttentionOptions(Scale: 2).ScaleFor(16), Is.EqualTo(2));
    }
}
