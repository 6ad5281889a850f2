namespace AutogradCore;

/// <summary>What a gradient rule reads besides the output gradient: some operands, some outputs, some saved extras.</summary>
/// <remarks>The graph keeps exactly what is declared here, as long as the rule has not run, and nothing else.</remarks>
public readonly record struct Reads
{
    private Reads(ulong operands, ulong outputs, ulong saved) => (Operands, Outputs, Extras) = (operands, outputs, saved);

    /// <summary>Bit i: operand i is read.</summary>
    public ulong Operands { get; }

    /// <summary>Bit i: output i is read.</summary>
    public ulong Outputs { get; }

    /// <summary>Bit i: saved extra i is read.</summary>
    public ulong Extras { get; }

    /// <summary>The rule needs the output gradient alone.</summary>
    public static Reads Nothing => default;

    /// <summary>The rule reads operand <paramref name="index"/>.</summary>
    public static Reads Operand(int index) => new(Bit(index), 0, 0);

    /// <summary>The rule reads output <paramref name="index"/>.</summary>
    public static Reads Output(int index = 0) => new(0, Bit(index), 0);

    /// <summary>The rule reads saved extra <paramref name="index"/>.</summary>
    public static Reads Saved(int index = 0) => new(0, 0, Bit(index));

    private static ulong Bit(int index) => (uint)index < Node.MaxOperands
        ? 1UL << index
        : throw new ArgumentOutOfRangeException(nameof(index), $"Position {index}; there are at most {Node.MaxOperands}.");

    /// <summary>Both.</summary>
    public static Reads operator |(Reads a, Reads b) => new(a.Operands | b.Operands, a.Outputs | b.Outputs, a.Extras | b.Extras);
}
