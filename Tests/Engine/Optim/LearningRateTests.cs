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
    }

    [Test]
    public void A_cosine_is_at_its_floor_from_its_total_on_whatever_its_warm_up(
        [Values(0, 1, 4, 5, 6, 50)] int warmup, [Values(0, 1, 5, 9)] int total, [Values(0, 0.1)] double floor)
    {
        LearningRate rate = LearningRate.Cosine(1, warmup, total, floor);
        foreach (int step in new[] { total, total + 1, total + warmup, int.MaxValue })
            Assert.That(rate.At(step), Is.EqualTo(floor), $"step {step}");
        for (int step = 0; step < Math.Min(warmup, total); step++)
            Assert.That(rate.At(step), Is.EqualTo((step + 1.0) / warmup).Within(1e-15), $"step {step} rises");
        if (warmup < total) Assert.That(rate.At(warmup), Is.EqualTo(1), "the peak, where it falls from");
        if (warmup > 0 && warmup <= total) Assert.That(rate.At(warmup - 1), Is.EqualTo(1), "the peak, where the rise ends");
        for (int step = warmup + 1; step <= total; step++) Assert.That(rate.At(step), Is.LessThan(rate.At(step - 1)));
    }

    [Test]
    public void A_warmup_ends_with_its_peak_and_stays([Values(0, 1, 2, 7)] int steps)
    {
        LearningRate rate = LearningRate.Warmup(0.8, steps);
        Assert.That(rate.At(0), Is.EqualTo(0.8 / Math.Max(steps, 1)).Within(1e-15));
        foreach (int step in new[] { Math.Max(steps - 1, 0), steps, steps + 1, int.MaxValue })
            Assert.That(rate.At(step), Is.EqualTo(0.8));
    }

    [Test]
    public void Steps_outside_their_range_are_refused()
    {
        Assert.That(() => LearningRate.Warmup(1, -1), Throws.TypeOf<ModelException>().With.Message.Contains("steps is -1"));
        Assert.That(() => LearningRate.Cosine(1, -1, 5), Throws.TypeOf<ModelException>().With.Message.Contains("warmup is -1"));
        Assert.That(() => LearningRate.Cosine(1, 0, -5), Throws.TypeOf<ModelException>().With.Message.Contains("total is -5"));
        foreach (LearningRate rate in new[]
            { LearningRate.Constant(1), LearningRate.Warmup(1, 3), LearningRate.Cosine(1, 2, 4) })
            Assert.That(() => rate.At(-1), Throws.TypeOf<ModelException>().With.Message.Contains("step is -1"));
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
