using AutogradCore.Cli;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class ChartAxisTests
{
    [TestCase(new double[] { 0, 100 }, "0 20 40 60 80 100")]
    [TestCase(new[] { 1.23, 5.6 }, "1 2 3 4 5 6")]
    [TestCase(new[] { 0.31, 0.34 }, "0.31 0.32 0.33 0.34")]
    [TestCase(new double[] { -3, 4 }, "-4 -2 0 2 4")]
    [TestCase(new double[] { }, "0 0.2 0.4 0.6 0.8 1")]
    [TestCase(new[] { double.NaN, double.PositiveInfinity }, "0 0.2 0.4 0.6 0.8 1")]
    [TestCase(new double[] { 0, 0 }, "-1 -0.5 0 0.5 1")]
    [TestCase(new double[] { 5 }, "4.4 4.6 4.8 5 5.2 5.4 5.6")]
    [TestCase(new[] { 0, 1e20 }, "0 0.2e20 0.4e20 0.6e20 0.8e20 1e20")]
    public void Ticks_are_round_numbers_around_the_values(double[] values, string expected)
        => Assert.That(string.Join(' ', ChartAxis.Over(values).Ticks().Select(t => t.Label)), Is.EqualTo(expected));

    [TestCase(-1e300, 1e300)]
    [TestCase(1e-300, 3e-300)]
    [TestCase(1e15, 1e15 + 1)]
    [TestCase(double.MinValue, double.MaxValue)]
    [TestCase(0, double.Epsilon)]
    [TestCase(1, 1 + 1e-12)]
    public void Extreme_ranges_have_a_bounded_number_of_ticks_that_enclose_the_values(double low, double high)
    {
        var axis = ChartAxis.Over([low, high]);
        Assert.That(axis.Ticks().Count(), Is.InRange(2, 12));
        Assert.That(axis.Position(low), Is.InRange(0, 1));
        Assert.That(axis.Position(high), Is.InRange(0, 1));
    }
}
