using System.Runtime.Intrinsics;
using AutogradCore.Kernels.Host;
using AutogradCore.Tests.Backends;
using AutogradCore.Tests.Kernels.Host;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Numerics;

[Category(BackendCases.VectorCode)]
[Parallelizable]
public sealed unsafe class VectorMathTests
{
    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    [TestCase("exp", 2.0)]
    [TestCase("tanh", 2.0)]
    [TestCase("sigmoid", 2.0)]
    [TestCase("log", 2.0)]
    [TestCase("erf", 4.0)]
    [TestCase("normal tail", 6.0)]
    [TestCase("normal exponential", 3.0)]
    public void Float_results_are_within_their_ulps_over_all_magnitudes(string name, double ulps)
    {
        double worst = 0;
        float at = 0;
        for (long bits = 0; bits < 0x7f800000; bits += name is "erf" ? 99991 : 3989)
        {
            for (int sign = 0; sign < (name is "log" or "normal tail" or "normal exponential" ? 1 : 2); sign++)
            {
                float x = BitConverter.Int32BitsToSingle((int)bits) * (sign == 0 ? 1 : -1);
                float y = Apply(name, x);
                double exact = Exact(name, x);
                if (float.IsInfinity((float)exact) && y == (float)exact)
                    continue;
                double error = Math.Abs(y - exact)
                    / ((double)MathF.BitIncrement(MathF.Abs((float)exact)) - MathF.Abs((float)exact));
                if (!(error <= worst))
                    (worst, at) = (error, x);
            }
        }

        TestContext.Out.WriteLine($"{name}: {worst:F2} ulp at {at}");
        Assert.That(worst, Is.LessThanOrEqualTo(ulps), $"{name}({at})");
    }

    [TestCase("exp", 2.0, -745.0, 709.7)]
    [TestCase("tanh", 3.0, -25.0, 25.0)]
    [TestCase("tanh", 3.0, -1.0, 1.0)]
    [TestCase("sigmoid", 4.0, -700.0, 50.0)]
    [TestCase("log", 2.0, 0.0, 3.0)]
    [TestCase("log", 2.0, 0.0, 1e9)]
    [TestCase("normal exponential", 5.0, 0.0, 37.5)]
    public void Double_results_are_within_their_ulps(string name, double ulps, double from, double to)
    {
        double worst = 0, at = 0;
        for (int i = 1; i < 50_000; i++)
        {
            double x = from + ((to - from) * i / 50_000);
            double exact = Exact(name, x);
            double error = Math.Abs(Apply(name, x) - exact) / (Math.BitIncrement(Math.Abs(exact)) - Math.Abs(exact));
            if (!(error <= worst))
                (worst, at) = (error, x);
        }

        TestContext.Out.WriteLine($"{name}: {worst:F2} ulp at {at}");
        Assert.That(worst, Is.LessThanOrEqualTo(ulps), $"{name}({at})");
    }

    [Test]
    public void Double_erf_is_within_1e_minus_15()
    {
        for (double x = -6.5; x < 6.5; x += 0.0037)
            Assert.That(Apply("erf", x), Is.EqualTo(ErfSeries(x)).Within(1e-15), $"erf({x})");
    }

    [Test]
    public void The_double_normal_tail_is_within_2e_minus_14_of_itself()
    {
        for (double t = 0; t < 37.5; t += 0.00137)
        {
            double exact = ScalarMath.NormalCdf(-t);
            Assert.That(Apply("normal tail", t), Is.EqualTo(exact).Within(2e-14 * exact), $"Φ(-{t})");
        }
    }

    [Test]
    public void The_normal_tail_vanishes_at_infinity_and_keeps_NaN()
    {
        foreach (string name in new[] { "normal tail", "normal exponential" })
        {
            Assert.That(Apply(name, float.NaN), Is.NaN, name);
            Assert.That(Apply(name, double.NaN), Is.NaN, name);
            Assert.That(Apply(name, float.PositiveInfinity), Is.Zero, name);
            Assert.That(Apply(name, double.PositiveInfinity), Is.Zero, name);
        }
    }

    [Test]
    public void Special_values_come_out_as_in_the_scalar_functions()
    {
        foreach (string name in new[] { "exp", "tanh", "sigmoid", "log", "erf" })
        {
            Assert.That(Apply(name, float.NaN), Is.NaN, name);
            Assert.That(Apply(name, double.NaN), Is.NaN, name);
            foreach (double x in new[] { double.PositiveInfinity, double.NegativeInfinity, 0.0, -0.0, 800, -800, 1e300, -1e300 })
            {
                double exact = Exact(name, x);
                Assert.That(Apply(name, x), Is.EqualTo(exact).Within(1).Ulps, $"{name}({x})");
                AssertSameSign(Apply(name, x), exact, $"sign of {name}({x})");
                float single = (float)x;
                float rounded = (float)Exact(name, single);
                Assert.That(Apply(name, single), Is.EqualTo(rounded).Within(1).Ulps, $"{name}({single})");
                AssertSameSign(Apply(name, single), rounded, $"sign of {name}({single})");
            }
        }
    }

    [Test]
    public void A_tail_through_a_padded_vector_has_the_bits_of_a_full_vector()
    {
        using NativeArray<float> x = NativeArray<float>.Random(16, 3), tail = NativeArray<float>.Filled(16, -9);
        Vector512<float> whole = VectorMath.Tanh(Vector512.Load(x.Pointer));
        for (int count = 0; count < 16; count++)
        {
            VectorTail.Store(VectorMath.Tanh(VectorTail.Load(x.Pointer, count)), tail.Pointer, count);
            for (int i = 0; i < 16; i++)
                Assert.That(tail.Span[i], Is.EqualTo(i < count ? whole[i] : -9));
            tail.Span.Fill(-9);
        }
    }

    private static void AssertSameSign(double actual, double expected, string what)
    {
        if (!double.IsNaN(expected))
            Assert.That(double.IsNegative(actual), Is.EqualTo(double.IsNegative(expected)), what);
    }

    private static float Apply(string name, float x) => Apply(name, Vector512.Create(x))[5];

    private static double Apply(string name, double x) => Apply(name, Vector512.Create(x))[5];

    private static Vector512<T> Apply<T>(string name, Vector512<T> v) => name switch
    {
        "exp" => VectorMath.Exp(v),
        "tanh" => VectorMath.Tanh(v),
        "sigmoid" => VectorMath.Sigmoid(v),
        "log" => VectorMath.Log(v),
        "normal tail" => Tail(v),
        "normal exponential" => Density(v),
        _ => VectorMath.Erf(v),
    };

    private static Vector512<T> Tail<T>(Vector512<T> t) =>
        VectorMath.NormalTail(VectorMath.NormalArgument(t), out Vector512<T> exponential) * exponential;

    private static Vector512<T> Density<T>(Vector512<T> t)
    {
        VectorMath.NormalTail(VectorMath.NormalArgument(t), out Vector512<T> exponential);
        return exponential;
    }

    private static double Exact(string name, double x) => name switch
    {
        "exp" => Math.Exp(x),
        "tanh" => Math.Tanh(x),
        "sigmoid" => Sigmoid(x),
        "log" => Math.Log(x),
        "normal tail" => ScalarMath.NormalCdf(-x),
        "normal exponential" => Math.Exp(-x * x / 2) * (1 - (Math.FusedMultiplyAdd(x, x, -x * x) / 2)),
        _ => ErfSeries(x),
    };

    /// <summary>erf x = 2/√π·e^(-x²)·Σ 2ⁿx²ⁿ⁺¹ / (2n+1)!!, in 28 digits.</summary>
    private static double ErfSeries(double x)
    {
        if (!(Math.Abs(x) < 6.2))
            return double.IsNaN(x) ? x : Math.Sign(x);
        if (Math.Abs(x) < 1e-3)
            return x * 1.1283791670955126 * (1 - (x * x / 3) + (x * x * x * x / 10));

        // Through a long, because a cast from double to decimal keeps 15 digits only.
        const long scale = 1L << 60;
        decimal d = (decimal)(long)(Math.Abs(x) * scale) / scale, square = d * d, term = d, sum = d, power = 1, exponential = 1;
        for (int n = 1; n < 200; n++)
        {
            term = term * 2 * square / ((2 * n) + 1);
            sum += term;
            power = power * square / n;
            exponential += power;
        }

        return Math.CopySign((double)(1.1283791670955125738961589031m * sum / exponential), x);
    }
}
