using System.Globalization;

namespace AutogradCore.Cli;

/// <summary>A range with ticks at 1, 2 or 5 times a power of ten; the range starts and ends on a tick.</summary>
/// <remarks>Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990.</remarks>
internal sealed class ChartAxis
{
    private readonly decimal first;
    private readonly decimal last;
    private readonly decimal step;

    private ChartAxis(decimal first, decimal last, decimal step) => (this.first, this.last, this.step) = (first, last, step);

    public double Low => (double)first * Scale;
    public double High => (double)last * Scale;

    /// <summary>The power of ten in front of the ticks, which keeps extreme values within decimal's range.</summary>
    private double Scale { get; init; } = 1;

    /// <summary>An axis over all finite values: [0, 1] without any, and a range around a constant.</summary>
    public static ChartAxis Over(IEnumerable<double> values, int ticks = 6)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (double value in values.Where(double.IsFinite))
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (low > high)
            (low, high) = (0, 1);
        double largest = Math.Max(Math.Abs(low), Math.Abs(high));
        if (largest < 1e-300)
            low = high = largest = 0;
        double scale = largest is > 1e9 or (> 0 and < 1e-6) ? Math.Pow(10, Math.Floor(Math.Log10(largest))) : 1;
        (low, high) = (low / scale, high / scale);
        double room = Math.Max(largest / scale * 1e-9, largest == 0 ? 1 : 0);
        if (high - low <= room)
            (low, high) = largest == 0 ? (-1, 1) : (low - (0.1 * largest / scale), high + (0.1 * largest / scale));
        decimal step = Nice((high - low) / (ticks - 1));
        return new ChartAxis(decimal.Floor((decimal)low / step) * step, decimal.Ceiling((decimal)high / step) * step, step)
        {
            Scale = scale,
        };
    }

    /// <summary>Each tick with its label.</summary>
    public IEnumerable<(double Value, string Label)> Ticks()
    {
        for (decimal tick = first; tick <= last; tick += step)
            yield return ((double)tick * Scale, Label(tick));
    }

    /// <summary>Where a value lies: 0 at the low end, 1 at the high end.</summary>
    public double Position(double value) => ((value / Scale) - (double)first) / (double)(last - first);

    private string Label(decimal tick)
    {
        string digits = tick.ToString("0.##################", CultureInfo.InvariantCulture);
        return Scale == 1 || tick == 0
            ? digits
            : string.Create(CultureInfo.InvariantCulture, $"{digits}e{Math.Round(Math.Log10(Scale))}");
    }

    private static decimal Nice(double rough)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double digit = rough / power;
        return (decimal)((digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10) * power);
    }
}
