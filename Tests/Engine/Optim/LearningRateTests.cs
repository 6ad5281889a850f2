using AutogradCore.Optim;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class LearningRateTests
{
    [Test]
    public void A_constant_rate_stays() =>
        Assert.That(Enumerable.Range(0, 5).Select(LearningRate.Constant(0.3).At), Is.All.EqualTo(0.3));

    [Test]
    public void Warmup_rises_in_a_straight_line_and_stays() =>
        Assert.That(Enumerable.Range(0, 6).Select(LearningRate.Warmup(0.8, 4).At),
            Is.EqualTo(new[] { 0.2, 0.4, 0.6, 0.8, 0.8, 0.8 }).Within(1e-15));

    [Test]
    public void Cosine_rises_falls_along_half_a_cosine_and_stays_at_the_floor()
    {
        LearningRate rate = LearningRate.Cosine(peak: 1, warmup: 2, total: 10, floor: 0.1);
        Assert.That(Enumerable.Range(0, 4).Select(rate.At),
            Is.EqualTo(new[] { 0.5, 1, 1, 0.1 + 0.9 * (1 + Math.Cos(Math.PI / 8)) / 2 }).Within(1e-15));
        Assert.That(rate.At(6), Is.EqualTo(0.55).Within(1e-15), "half way");
        Assert.That((rate.At(10), rate.At(1000)), Is.EqualTo((0.1, 0.1)));
        Assert.That(Enumerable.Range(2, 9).Select(rate.At), Is.Ordered.Descending);
    }

    [Test]
    public void Without_steps_to_warm_up_the_peak_comes_first()
    {
        Assert.That(LearningRate.Warmup(0.5, 0).At(0), Is.EqualTo(0.5));
        Assert.That(LearningRate.Cosine(0.5, 0, 4).At(0), Is.EqualTo(0.5));
        Assert.That(LearningRate.Cosine(0.5, 2, 2, floor: 0.1).At(2), Is.EqualTo(0.5), "no steps to fall along either");
    }

    [TestCase(-1)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void A_rate_that_is_none_is_refused(double rate)
    {
        Assert.That(() => LearningRate.Constant(rate), Throws.TypeOf<ModelException>());
        Assert.That(() => LearningRate.Warmup(rate, 3), Throws.TypeOf<ModelException>());
        Assert.That(() => LearningRate.Cosine(rate, 0, 3), Throws.TypeOf<ModelException>());
        Assert.That(() => LearningRate.Cosine(1, 0, 3, floor: rate), Throws.TypeOf<ModelException>());
    }
}
