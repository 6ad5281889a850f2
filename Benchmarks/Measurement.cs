using System.Text.Json.Serialization;

namespace AutogradCore.Benchmarks;

/// <summary>One measured figure, with the bound measured in the same run.</summary>
/// <param name="Measure">What was measured: <c>fma</c>, <c>copy</c>, <c>sgemm</c>, <c>step</c> ...</param>
/// <param name="Shape">The sizes.</param>
/// <param name="Threads">Threads used.</param>
/// <param name="Value">The median of the repetitions.</param>
/// <param name="Unit">The unit of <paramref name="Value"/>.</param>
/// <param name="Bound">The machine's own limit in the unit in which it compares, or null for the bounds themselves.</param>
/// <param name="OfBound">The share of the bound reached.</param>
public sealed record Measurement(
    [property: JsonPropertyName("measure")] string Measure,
    [property: JsonPropertyName("shape")] string Shape,
    [property: JsonPropertyName("threads")] int Threads,
    [property: JsonPropertyName("value")] double Value,
    [property: JsonPropertyName("unit")] string Unit,
    [property: JsonPropertyName("bound")] double? Bound = null,
    [property: JsonPropertyName("ofBound")] double? OfBound = null);
