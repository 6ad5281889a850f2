using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace AutogradCore.Cli;

/// <summary>How numbers of the command line are read: the same in every culture, and an error says which option, what was given
/// and what is expected.</summary>
internal static class Numbers
{
    /// <summary>Sets the reader of every number that a command or one below it takes.</summary>
    public static void ReadBy(Command command)
    {
        foreach (Option option in command.Options) ReadBy(option);
        foreach (Argument argument in command.Arguments)
            if (argument is Argument<int> whole) whole.CustomParser = Whole<int>;
        foreach (Command below in command.Subcommands) ReadBy(below);
    }

    private static void ReadBy(Option option)
    {
        switch (option)
        {
            case Option<int> o: o.CustomParser = Whole<int>; break;
            case Option<int?> o: o.CustomParser = result => Whole<int>(result); break;
            case Option<ulong> o: o.CustomParser = Whole<ulong>; break;
            case Option<double> o: o.CustomParser = Real; break;
            case Option<double?> o: o.CustomParser = result => Real(result); break;
        }
    }

    private static T Whole<T>(ArgumentResult result) where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        string text = result.Tokens[0].Value;
        if (T.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out T value)) return value;
        return BigInteger.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out BigInteger given)
            ? given < BigInteger.CreateChecked(T.MinValue)
                ? Refuse<T>(result, "is too small", $"the least is {T.MinValue}")
                : Refuse<T>(result, "is too large", $"the most is {T.MaxValue}")
            : Refuse<T>(result, "is no whole number", "use a whole number such as 4");
    }

    // Without separators of thousands: who writes 0,001 does not mean 1.
    private static double Real(ArgumentResult result) =>
        double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : Refuse<double>(result, "is no number", "use a number such as 0.5 or 1e-3, with a point before the decimals");

    private static T? Refuse<T>(ArgumentResult result, string why, string hint)
    {
        string name = result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name;
        result.AddError($"{name}: '{result.Tokens[0].Value}' {why}.\nHint: {hint}");
        return default;
    }
}
