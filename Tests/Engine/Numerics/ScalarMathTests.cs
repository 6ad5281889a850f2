using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Numerics;

public sealed class ScalarMathTests
{
    [TestCase(1e-10, 1.1283791670955126e-10)]
    [TestCase(0.1, 0.1124629160182849)]
    [TestCase(0.5, 0.5204998778130465)]
    [TestCase(1.0, 0.8427007929497149)]
    [TestCase(2.0, 0.9953222650189527)]
    [TestCase(2.9, 0.9999589021219005)]
    [TestCase(3.1, 0.9999883513426328)]
    [TestCase(4.0, 0.9999999845827421)]
    [TestCase(5.9, 0.9999999999999999)]
    public void Erf_is_within_1e_minus_15_of_itself(double x, double exact)
    {
        Assert.That(ScalarMath.Erf(x), Is.EqualTo(exact).Within(1e-15 * exact));
        Assert.That(ScalarMath.Erf(-x), Is.EqualTo(-exact).Within(1e-15 * exact));
    }

    [TestCase(-37.5, 4.605353009581955e-308)]
    [TestCase(-20.0, 2.7536241186062337e-89)]
    [TestCase(-10.0, 7.619853024160525e-24)]
    [TestCase(-5.0, 2.866515718791939e-07)]
    [TestCase(-3.5, 0.00023262907903552504)]
    [TestCase(-2.0, 0.02275013194817921)]
    [TestCase(-1.5, 0.06680720126885807)]
    [TestCase(-1.0, 0.15865525393145705)]
    [TestCase(-0.25, 0.4012936743170763)]
    [TestCase(0.0, 0.5)]
    [TestCase(0.75, 0.7733726476231318)]
    [TestCase(2.0, 0.9772498680518208)]
    [TestCase(6.0, 0.9999999990134123)]
    public void NormalCdf_is_within_1e_minus_14_of_itself_also_in_the_tail(double x, double exact) =>
        Assert.That(ScalarMath.NormalCdf(x), Is.EqualTo(exact).Within(1e-14 * exact));

    [Test]
    public void At_infinity_functions_have_their_limits_and_NaN_stays()
    {
        Assert.That(ScalarMath.NormalCdf(double.NegativeInfinity), Is.Zero);
        Assert.That(ScalarMath.NormalCdf(double.PositiveInfinity), Is.EqualTo(1));
        Assert.That(ScalarMath.NormalCdf(double.NaN), Is.NaN);
        Assert.That(ScalarMath.Erf(double.NegativeInfinity), Is.EqualTo(-1));
        Assert.That(ScalarMath.Erf(double.PositiveInfinity), Is.EqualTo(1));
        Assert.That(ScalarMath.Erf(double.NaN), Is.NaN);
    }
}
