namespace AutogradCore;

/// <summary>Checks numbers where a public call takes them. An error names the argument, its value and the range.</summary>
internal static class Ranges
{
    /// <summary>Any finite number.</summary>
    public static double Finite(string argument, double value) =>
        double.IsFinite(value) ? value : throw Outside(argument, value, "a finite number");

    /// <summary>A finite number of 0 or more.</summary>
    public static double NotNegative(string argument, double value) =>
        double.IsFinite(value) && value >= 0 ? value : throw Outside(argument, value, "a finite number of 0 or more");

    /// <summary>A finite number above 0.</summary>
    public static double Positive(string argument, double value) =>
        double.IsFinite(value) && value > 0 ? value : throw Outside(argument, value, "a finite number above 0");

    /// <summary>A share below 1: from 0, which is allowed, to 1, which is not.</summary>
    public static double BelowOne(string argument, double value) =>
        value is >= 0 and < 1 ? value : throw Outside(argument, value, "a value in [0, 1)");

    /// <summary>A whole number from <paramref name="least"/> on.</summary>
    public static int AtLeast(string argument, int value, int least) =>
        value >= least ? value : throw Outside(argument, value, $"{least} or more");

    private static ModelException Outside<T>(string argument, T value, string allowed) =>
        new(FormattableString.Invariant($"{argument} is {value}."), $"use {allowed}");
}
