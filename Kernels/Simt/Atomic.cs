namespace AutogradCore.Kernels.Simt;

/// <summary>Indivisible updates. Lanes run one at a time here, so plain code is indivisible; index views with an
/// <see cref="Index1D"/> so that the access is known to be atomic.</summary>
public static class Atomic
{
    /// <summary>Adds and gives back the old value.</summary>
    public static int Add(ref int target, int value) => Replace(ref target, target + value);

    /// <summary>Keeps the larger and gives back the old value.</summary>
    public static int Max(ref int target, int value) => Replace(ref target, Math.Max(target, value));

    /// <summary>Keeps the smaller and gives back the old value.</summary>
    public static int Min(ref int target, int value) => Replace(ref target, Math.Min(target, value));

    /// <inheritdoc cref="Min(ref int, int)"/>
    public static long Min(ref long target, long value)
    {
        long old = target;
        target = Math.Min(target, value);
        return old;
    }

    /// <summary>Sets bits and gives back the old value.</summary>
    public static int Or(ref int target, int value) => Replace(ref target, target | value);

    private static int Replace(ref int target, int value)
    {
        int old = target;
        target = value;
        return old;
    }
}
