namespace AutogradCore.Pipeline;

/// <summary>The way from one stage to its neighbour, when the two live on different ranks; one direction.</summary>
/// <param name="Latency">Time before the first byte arrives.</param>
/// <param name="Bytes">Bytes of one microbatch's activation, or of its gradient.</param>
/// <param name="Bandwidth">Bytes per time unit; 0 means that size does not matter.</param>
public readonly record struct Link(double Latency, double Bytes = 0, double Bandwidth = 0)
{
    /// <summary>The time one transfer takes: latency + bytes / bandwidth.</summary>
    public double Time => Latency + (Bandwidth > 0 ? Bytes / Bandwidth : 0);
}
