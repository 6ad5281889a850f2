namespace AutogradCore.Pipeline;

/// <summary>Latency and bandwidth from the times that messages of several sizes took.</summary>
public static class LinkFit
{
    /// <summary>The line latency + bytes / bandwidth with the least sum of squared relative errors;
    /// neither is negative.</summary>
    /// <remarks>Relative errors, since a message a hundred times as large is not a hundred times as important. Where larger
    /// messages are not slower, the bandwidth is 0, which means that size does not matter.</remarks>
    /// <param name="times">Bytes and the seconds that they took, positive; at least one.</param>
    /// <exception cref="ArgumentException">No times, or one that is not positive and finite.</exception>
    public static Link Of(IReadOnlyCollection<(double Bytes, double Seconds)> times)
    {
        if (times.Count == 0 || times.Any(t => !(t.Seconds > 0) || !double.IsFinite(t.Seconds)))
            throw new ArgumentException("A link needs times that are positive and finite.", nameof(times));
        double w = 0, x = 0, y = 0, xx = 0, xy = 0; // sums with weight 1 / seconds squared
        foreach ((double bytes, double seconds) in times)
        {
            double weight = 1 / (seconds * seconds);
            w += weight;
            x += weight * bytes;
            y += weight * seconds;
            xx += weight * bytes * bytes;
            xy += weight * bytes * seconds;
        }
        double spread = w * xx - x * x;
        double slope = spread > 1e-12 * w * xx ? (w * xy - x * y) / spread : 0;
        double latency = (y - slope * x) / w;
        if (slope <= 0) (slope, latency) = (0, y / w);
        else if (latency < 0) (slope, latency) = (xy / xx, 0);
        return new Link(latency, Bandwidth: slope > 0 ? 1 / slope : 0);
    }
}
