using System.Text.Json.Serialization;

namespace AutogradCore.Benchmarks;

/// <summary>What the split backward pass brings to one schedule, measured and foretold.</summary>
/// <param name="Schedule">The schedule: <c>naive</c>, <c>gpipe</c>, <c>1f1b-1</c> (M = N) or <c>1f1b-2</c> (M = 2N).</param>
/// <param name="Stages">Stages, each with one core.</param>
/// <param name="Microbatches">Microbatches of a step.</param>
/// <param name="Gain">Throughput with the split over throughput without it: the median over pairs of neighbouring steps.</param>
/// <param name="Predicted">The ratio that the simulator finds with the costs profiled in the same run.</param>
/// <param name="Theory">The ratio at equal costs of F, I and W.</param>
/// <param name="GainLow">The lower quartile of the pairs' ratios.</param>
/// <param name="GainHigh">The upper quartile.</param>
public sealed record PipelineGain(
    [property: JsonPropertyName("schedule")] string Schedule,
    [property: JsonPropertyName("stages")] int Stages,
    [property: JsonPropertyName("microbatches")] int Microbatches,
    [property: JsonPropertyName("gain")] double Gain,
    [property: JsonPropertyName("predicted")] double Predicted,
    [property: JsonPropertyName("theory")] double Theory,
    [property: JsonPropertyName("gainLow")] double GainLow,
    [property: JsonPropertyName("gainHigh")] double GainHigh);
