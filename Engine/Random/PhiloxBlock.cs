namespace AutogradCore;

/// <summary>The 128 random bits of one Philox counter value, as four words.</summary>
/// <param name="X0">Word 0.</param>
/// <param name="X1">Word 1.</param>
/// <param name="X2">Word 2.</param>
/// <param name="X3">Word 3.</param>
public readonly record struct PhiloxBlock(uint X0, uint X1, uint X2, uint X3)
{
    /// <summary>Word <paramref name="lane"/> modulo 4.</summary>
    public uint this[int lane] => (lane & 3) switch { 0 => X0, 1 => X1, 2 => X2, _ => X3 };

    /// <summary>The first 64 bits: X1 is the high half.</summary>
    public ulong Low => ((ulong)X1 << 32) | X0;

    /// <summary>The last 64 bits: X3 is the high half.</summary>
    public ulong High => ((ulong)X3 << 32) | X2;
}
