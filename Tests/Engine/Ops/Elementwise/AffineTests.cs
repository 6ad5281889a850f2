using AutogradCore.Checking;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Ops;

/// <summary>Numbers on either side of an operator, of any type that C# makes a double of.</summary>
public sealed class AffineTests
{
    private static IEnumerable<TestCaseData> Operators() =>
    [
        Case("1.0 - z", z => 1.0 - z, z => 1 - z),
        Case("2 - z", z => 2 - z, z => 2 - z),
        Case("1.0 + z", z => 1.0 + z, z => 1 + z),
        Case("3 + z", z => 3 + z, z => 3 + z),
        Case("0.5f + z", z => 0.5f + z, z => 0.5 + z),
        Case("1.0 / z", z => 1.0 / z, z => 1 / z),
        Case("3 / z", z => 3 / z, z => 3 / z),
        Case("0.5f / z", z => 0.5f / z, z => 0.5 / z),
        Case("2 * z", z => 2 * z, z => 2 * z),
        Case("2f * z", z => 2f * z, z => 2 * z),
        Case("z * 2", z => z * 2, z => 2 * z),
        Case("z / 2", z => z / 2, z => z / 2),
        Case("z / 2f", z => z / 2f, z => z / 2),
        Case("z + 2", z => z + 2, z => z + 2),
        Case("z - 2f", z => z - 2f, z => z - 2),
        Case("-z", z => -z, z => -z),
        Case("1 - (2 - 3 / z) / 4", z => 1 - (2 - 3 / z) / 4, z => 1 - (2 - 3 / z) / 4),
    ];

    private static TestCaseData Case(string text, Func<Value, Value> recorded, Func<double, double> expected) =>
        new TestCaseData(recorded, expected).SetArgDisplayNames(text);

    [TestCaseSource(nameof(Operators))]
    public void A_number_may_stand_on_either_side_with_the_right_value_and_gradient(
        Func<Value, Value> recorded, Func<double, double> expected)
    {
        double[] z = [0.5, 1, 2, 4];
        using ReferenceBackend backend = new();
        using Graph graph = new(backend);
        Assert.That(recorded(graph.Input<double>(z, [4])).ToArray<double>(), Is.EqualTo(z.Select(expected)).Within(1e-15));
        float[] singles = recorded(graph.Input<float>([2, 4], [2])).ToArray<float>();
        Assert.That(singles, Is.EqualTo(new[] { expected(2), expected(4) }).Within(1e-6));
        GradCheck.Run("number", v => recorded(v[0]), CheckOperand.Random("z", [2, 3], 0.5, 2.5)).ThrowIfWrong();
    }

    [Test]
    public void A_number_divided_by_a_rounded_value_is_rounded_too()
    {
        using ReferenceBackend backend = new();
        using Graph graph = new(backend);
        Value y = 1.0 / graph.Input<float>([2, 4], [2]).Cast(DType.BFloat16);
        Assert.That(y.DType, Is.EqualTo(DType.BFloat16));
        Assert.That(y.Cast(DType.Float32).ToArray<float>(), Is.EqualTo(new[] { 0.5f, 0.25f }));
    }
}
