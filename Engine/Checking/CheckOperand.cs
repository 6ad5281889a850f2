namespace AutogradCore.Checking;

/// <summary>One operand of a gradient check: name, shape, element type and values.
/// Floating operands are checked; others are passed through.</summary>
/// <param name="Name">The name in reports.</param>
/// <param name="Shape">The lengths of the axes.</param>
/// <param name="DType">Float64 for what is checked; Int32 or Bool for ids and masks.</param>
/// <param name="Values">The elements in row-major order.</param>
public sealed record CheckOperand(string Name, Shape Shape, DType DType, IReadOnlyList<double> Values)
{
    /// <summary>Values drawn evenly from [low, high) by the operand's name and a seed,
    /// on a grid of 1/64 so that they are exact in float too.</summary>
    /// <exception cref="ModelException">A bound is not finite.</exception>
    public static CheckOperand Random(string name, in Shape shape, double low = -2, double high = 2, ulong seed = 1)
    {
        Ranges.Finite(nameof(low), low);
        Ranges.Finite(nameof(high), high);
        RandomStream stream = RandomStream.Named(name, seed);
        return new(name, shape, DType.Float64, [.. Enumerable.Range(0, shape.ElementCount)
            .Select(i => Math.Round((low + (high - low) * stream.UniformDouble(i)) * 64) / 64)]);
    }

    /// <summary>Distinct values at least 1/4 apart and away from zero, in random order:
    /// for functions with kinks where operands are equal or zero.</summary>
    public static CheckOperand Distinct(string name, in Shape shape, ulong seed = 1)
    {
        RandomStream stream = RandomStream.Named(name, seed);
        int n = shape.ElementCount;
        return new(name, shape, DType.Float64,
            [.. Enumerable.Range(0, n).OrderBy(i => stream.UniformDouble(i)).Select(k => (k - n / 2) * 0.25 + 0.125)]);
    }

    /// <summary>Token ids, targets or positions.</summary>
    public static CheckOperand Integers(string name, in Shape shape, params int[] values) =>
        new(name, shape, DType.Int32, [.. values.Select(v => (double)v)]);

    /// <summary>A mask.</summary>
    public static CheckOperand Mask(string name, in Shape shape, params bool[] values) =>
        new(name, shape, DType.Bool, [.. values.Select(v => v ? 1.0 : 0.0)]);

    /// <summary>Whether a gradient is checked.</summary>
    public bool IsChecked => DType.IsFloating();
}
