using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

/// <summary>The activations that ops use, as a backend computes them, against their formulas in double.</summary>
public sealed class ActivationTests(BackendCase on) : BackendTests(on)
{
    private const double Cubic = 0.044715;
    private static readonly double Root = Math.Sqrt(2 / Math.PI);

    private static readonly Dictionary<string, (UnaryVerb Verb, Func<double, Expected> Exact)> Functions = new()
    {
        ["gelu"] = ((b, x, y) => b.Map<Gelu.Function>(x, y), x => Relative(x * ScalarMath.NormalCdf(x), 32)),
        ["gelu tanh"] = ((b, x, y) => b.Map<GeluTanh.Function>(x, y), x => new(x * Logistic(2 * Bent(x)), 8 * Math.Abs(x))),
        ["silu"] = ((b, x, y) => b.Map<Silu.Function>(x, y), x => Relative(x * Logistic(x), 16)),
        ["sigmoid"] = ((b, x, y) => b.Map<Sigmoid.Function>(x, y), x => Relative(Logistic(x), 16)),
        ["tanh"] = ((b, x, y) => b.Map<Tanh.Function>(x, y), x => Relative(Math.Tanh(x), 16)),
        ["exp"] = ((b, x, y) => b.Map<Exp.Function>(x, y), x => Relative(Math.Exp(x), 8)),
        ["relu"] = ((b, x, y) => b.Map<Relu.Function>(x, y), x => new(Math.Max(x, 0))),
    };

    private static readonly Dictionary<string, (BinaryVerb Verb, Func<double, Expected> Slope)> Rules = new()
    {
        ["gelu"] = ((b, x, dy, dx) => b.Zip<Gelu.Rule>(x, dy, dx), x => new(
            ScalarMath.NormalCdf(x) + x * Density(x), (16 + 2 * x * x) * (ScalarMath.NormalCdf(x) + Math.Abs(x) * Density(x)))),
        ["gelu tanh"] = ((b, x, dy, dx) => b.Zip<GeluTanh.Rule>(x, dy, dx), x => new(BentSlope(x), 24 * (1 + Math.Abs(x)))),
        ["silu"] = ((b, x, dy, dx) => b.Zip<Silu.Rule>(x, dy, dx), x => new(
            Logistic(x) * (1 + x * Logistic(-x)), 16 * Logistic(x) * (1 + Math.Abs(x)))),
    };

    private delegate void UnaryVerb(IBackend b, View x, Destination y);

    private delegate void BinaryVerb(IBackend b, View x, View dy, Destination dx);

    private static IEnumerable<string> FunctionNames => Functions.Keys;

    private static IEnumerable<string> RuleNames => Rules.Keys;

    [TestCaseSource(nameof(FunctionNames))]
    public void A_function_follows_its_formula_from_tail_to_tail(string name)
    {
        (UnaryVerb verb, Func<double, Expected> exact) = Functions[name];
        double[] x = Arguments();
        View vx = Place([x.Length], x);
        Expected[] expected = [.. x.Select(exact)];
        Check([x.Length], expected, y => verb(B, vx, y), name);
        CheckInPlace([x.Length], x, expected, v => verb(B, v, Into(v)));
    }

    [TestCaseSource(nameof(RuleNames))]
    public void A_rule_follows_the_slope_from_tail_to_tail(string name)
    {
        (BinaryVerb verb, Func<double, Expected> slope) = Rules[name];
        double[] x = Arguments(), dy = Values(x.Length);
        View vx = Place([x.Length], x), grad = Place([x.Length], dy);
        Expected Scaled(double g, Expected e) => new(g * e.Value, Math.Abs(g) * (e.Slack + 4 * Math.Abs(e.Value)));
        Expected[] expected = [.. x.Zip(dy, (v, g) => Scaled(g, slope(v)))];
        Check([x.Length], expected, dx => verb(B, vx, grad, dx), name);
        CheckInPlace([x.Length], dy, expected, v => verb(B, vx, v, Into(v)));
        CheckInPlace([x.Length], x, expected, v => verb(B, v, grad, Into(v)));
    }

    [TestCase("gelu", 0, double.PositiveInfinity)]
    [TestCase("gelu tanh", 0, double.PositiveInfinity)]
    [TestCase("silu", 0, double.PositiveInfinity)]
    [TestCase("sigmoid", 0, 1)]
    [TestCase("tanh", -1, 1)]
    [TestCase("exp", 0, double.PositiveInfinity)]
    [TestCase("relu", 0, double.PositiveInfinity)]
    public void A_function_reaches_its_limits_and_keeps_NaN(string name, double left, double right)
    {
        View x = Place([5], [double.NegativeInfinity, Round(-1e30), double.NaN, Round(1e30), double.PositiveInfinity]),
            y = Blank([5]);
        Functions[name].Verb(B, x, Into(y));
        double huge = double.IsInfinity(right) && name != "exp" ? Round(1e30) : right;
        Assert.That(Read(y), Is.EqualTo(new[] { left, left, double.NaN, huge, right }));
    }

    [TestCaseSource(nameof(RuleNames))]
    public void A_rule_reaches_its_limits_and_keeps_NaN(string name)
    {
        double[] odd = [double.NegativeInfinity, Round(-1e30), double.NaN, Round(1e30), double.PositiveInfinity];
        View x = Place([5], odd), one = Place([5], [2, 2, 2, 2, 2]), dx = Blank([5]);
        Rules[name].Verb(B, x, one, Into(dx));
        Assert.That(Read(dx), Is.EqualTo(new[] { 0, 0, double.NaN, 2, 2 }));
    }

    [TestCaseSource(nameof(RuleNames))]
    public void A_NaN_in_the_output_gradient_stays_where_it_is(string name)
    {
        View x = Place([3], [0.5, -0.5, 1]), dy = Place([3], [1, double.NaN, 1]), dx = Blank([3]);
        Rules[name].Verb(B, x, dy, Into(dx));
        Assert.That(Read(dx).Select(double.IsNaN), Is.EqualTo(new[] { false, true, false }));
    }

    /// <summary>Steps through the range where something happens, and magnitudes down to the smallest.</summary>
    private double[] Arguments()
    {
        IEnumerable<double> steps = Enumerable.Range(-801, 1603).Select(i => i / 40.0);
        IEnumerable<double> magnitudes = Enumerable.Range(0, 40).Select(i => Math.ScaleB(1.1, -i));
        return [.. steps.Concat(magnitudes).Concat(magnitudes.Select(m => -m)).Append(-0.0).Select(Round)];
    }

    private static Expected Relative(double value, double slack) => new(value, slack * Math.Abs(value));

    private static double Logistic(double x) => x < 0 ? Math.Exp(x) / (1 + Math.Exp(x)) : 1 / (1 + Math.Exp(-x));

    private static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);

    private static double Bent(double x) => Root * (x + Cubic * x * x * x);

    private static double BentSlope(double x)
    {
        double s = Logistic(2 * Bent(x));
        return s * (1 + x * (1 - s) * 2 * Root * (1 + 3 * Cubic * x * x));
    }
}
