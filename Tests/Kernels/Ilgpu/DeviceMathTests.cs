extern alias simt;

using NUnit.Framework;
using simt::AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>The functions that kernels call on devices, against the platform's in double and an integral.</summary>
public sealed class DeviceMathTests
{
    private static readonly double[] Specials =
        [0, -0.0, 1, -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e-310, 1e-40, -1e-40, 1e-20, 1e30];

    private static readonly Dictionary<string, Function> Functions = new()
    {
        ["exp"] = new(DeviceMath.Exp, DeviceMath.Exp, Math.Exp, -110, 90, 2),
        ["exp of much"] = new(DeviceMath.Exp, DeviceMath.Exp, Math.Exp, -750, 712, 2),
        ["log"] = new(DeviceMath.Log, DeviceMath.Log, Math.Log, 1e-3, 1e3, 2),
        ["log near one"] = new(DeviceMath.Log, DeviceMath.Log, Math.Log, 0.7, 1.5, 2),
        ["tanh"] = new(DeviceMath.Tanh, DeviceMath.Tanh, Math.Tanh, -12, 12, 3),
        ["tanh near zero"] = new(DeviceMath.Tanh, DeviceMath.Tanh, Math.Tanh, -0.7, 0.7, 3),
        ["normal cdf"] = new(DeviceMath.NormalCdf, DeviceMath.NormalCdf, ScalarMath.NormalCdf, -9, 9, 64),
    };

    private static IEnumerable<string> Names => Functions.Keys;

    [TestCaseSource(nameof(Names))]
    public void A_function_is_right_to_its_last_places_in_float(string name)
    {
        var f = Functions[name];
        foreach (double at in Arguments(f.Low, f.High))
        {
            float x = (float)at;
            double exact = f.Exact(x), found = f.Single(x);
            Near(found, exact, f.Ulps * Math.ScaleB(1, -23), float.Epsilon, $"{name} of {x:R}");
            if (Math.Abs(exact) > float.MaxValue) Assert.That(found, Is.EqualTo((float)exact));
        }
    }

    [TestCaseSource(nameof(Names))]
    public void A_function_is_right_to_its_last_places_in_double(string name)
    {
        var f = Functions[name];
        foreach (double x in Arguments(f.Low, f.High))
            Near(f.Double(x), f.Exact(x), f.Ulps * Math.ScaleB(1, -52), double.Epsilon, $"{name} of {x:R}");
    }

    [Test]
    public void Bounds_keep_NaN()
    {
        Assert.That(DeviceMath.Max(float.NaN, 1), Is.NaN);
        Assert.That(DeviceMath.Max(1, double.NaN), Is.NaN);
        Assert.That(DeviceMath.Min(double.NaN, 1), Is.NaN);
        Assert.That(DeviceMath.Min(1, float.NaN), Is.NaN);
        Assert.That(DeviceMath.Clamp(float.NaN, 0, 1), Is.NaN);
        Assert.That(DeviceMath.Clamp(-3.0, 0, 1), Is.Zero);
        Assert.That((DeviceMath.Max(2f, 3), DeviceMath.Min(2f, 3), DeviceMath.Clamp(2f, 0, 1)), Is.EqualTo((3f, 2f, 1f)));
    }

    private static IEnumerable<double> Arguments(double low, double high)
    {
        RandomStream random = RandomStream.Named("device math", 1);
        for (int i = 0; i < 20_000; i++) yield return low + (high - low) * random.UniformDouble(i);
        foreach (double x in Specials) yield return x;
    }

    private static void Near(double found, double exact, double relative, double least, string what)
    {
        if (found.Equals(exact) || (double.IsInfinity(found) && Math.Abs(exact) > float.MaxValue)) return;
        double allowed = relative * Math.Abs(exact) + 2 * least;
        if (!(Math.Abs(found - exact) <= allowed)) Assert.Fail($"{what} is {found:R}, expected {exact:R} ± {allowed:E2}");
    }

    private sealed record Function(
        Func<float, float> Single, Func<double, double> Double, Func<double, double> Exact, double Low, double High, double Ulps);
}
