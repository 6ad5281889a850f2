using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class LinkFitTests
{
    private static Link Fit(params (double Bytes, double Seconds)[] times) => LinkFit.Of(times);

    [Test]
    public void Times_on_a_line_give_its_latency_and_bandwidth()
    {
        Link link = Fit((0, 3e-6), (1000, 3.5e-6), (4000, 5e-6), (1 << 20, 3e-6 + (1 << 20) / 2e9));
        Assert.That(link.Latency, Is.EqualTo(3e-6).Within(1e-9).Percent);
        Assert.That(link.Bandwidth, Is.EqualTo(2e9).Within(1e-6).Percent);
    }

    [Test]
    public void A_line_that_starts_below_zero_is_bandwidth_alone()
    {
        Link link = Fit((1000, 1e-6), (2000, 3e-6));
        Assert.That(link.Latency, Is.Zero);
        Assert.That(link.Bandwidth, Is.InRange(2000 / 3e-6, 1000 / 1e-6));
    }

    [Test]
    public void Where_larger_messages_are_not_slower_size_does_not_matter()
    {
        Link link = Fit((1000, 3e-6), (2000, 2e-6));
        Assert.That(link.Bandwidth, Is.Zero);
        Assert.That(link.Latency, Is.InRange(2e-6, 3e-6));
    }

    [Test]
    public void One_size_is_latency_alone() => Assert.That(Fit((1000, 2e-6), (1000, 2e-6)), Is.EqualTo(new Link(2e-6)));

    [TestCase(0)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void Impossible_times_are_refused(double seconds) =>
        Assert.That(() => Fit((1, 1), (2, seconds)), Throws.ArgumentException);

    [Test]
    public void No_times_are_refused() => Assert.That(() => Fit(), Throws.ArgumentException);
}
