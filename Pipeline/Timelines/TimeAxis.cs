using System.Globalization;

namespace AutogradCore.Pipeline;

/// <summary>A time axis from 0: round ticks, and a unit in which the numbers are short.</summary>
internal sealed class TimeAxis
{
    private const int MostTicks = 12;
    private readonly double _scale;

    internal TimeAxis(double length, TimeUnit unit)
    {
        Length = length > 0 ? length : 1;
        (_scale, Unit) = unit == TimeUnit.Units ? (1, "units")
            : Length >= 1 ? (1, "s")
            : Length >= 1e-3 ? (1e3, "ms")
            : (1e6, "µs");
        Step = RoundUp(Length / MostTicks);
    }

    /// <summary>The time at the right end, in the timeline's unit.</summary>
    internal double Length { get; }

    /// <summary>The unit that the texts are in.</summary>
    internal string Unit { get; }

    /// <summary>The distance of two ticks, in the timeline's unit: 1, 2 or 5 times a power of ten.</summary>
    internal double Step { get; }

    /// <summary>The ticks from 0 to the end, in the timeline's unit.</summary>
    internal IEnumerable<double> Ticks() =>
        Enumerable.Range(0, (int)Math.Floor(Length / Step * (1 + 1e-12)) + 1).Select(i => i * Step);

    /// <summary>A time in the axis' unit, to a number of digits; those before the point always stand, and four after it at
    /// most.</summary>
    internal string Text(double time, int digits = 4)
    {
        var value = time * _scale;
        var before = value == 0 ? 1 : 1 + (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return Math.Round(value, Math.Clamp(digits - before, 0, 4)).ToString("0.####", CultureInfo.InvariantCulture);
    }

    private static double RoundUp(double step)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        return power * (new[] { 1.0, 2, 5 }.FirstOrDefault(digit => digit * power >= step * (1 - 1e-12), 10));
    }
}
