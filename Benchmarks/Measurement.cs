using System.Text.Json.Serialization;

namespace AutogradCore.Benchmarks;

/// <summary>One measured figure, with the bound measured in the same run,
/// and the peer's figure where one was asked for.</summary>
/// <param name="Measure">What was measured: <c>fma</c>, <c>copy</c>, <c>sgemm nn</c>, <c>gpt step</c> ...</param>
/// <param name="Shape">The sizes.</param>
/// <param name="Threads">Threads used.</param>
/// <param name="Value">The median of the repetitions.</param>
/// <param name="Unit">The unit of <paramref name="Value"/>, <paramref name="Bound"/> and <paramref name="Peer"/>.</param>
/// <param name="Bound">The machine's own limit, or null for the bounds themselves.</param>
/// <param name="OfBound">The share of the bound reached.</param>
/// <param name="Peer">The peer's median, measured in turns with ours.</param>
/// <param name="OfPeer">Ours over the peer's: the median of the ratios of neighbouring turns.</param>
public sealed record Measurement(
    [property: JsonPropertyName("measure")] string Measure,
    [property: JsonPropertyName("shape")] string Shape,
    [property: JsonPropertyName("threads")] int Threads,
    [property: JsonPropertyName("value")] double Value,
    [property: JsonPropertyName("unit")] string Unit,
    [property: JsonPropertyName("bound")] double? Bound = null,
    [property: JsonPropertyName("ofBound")] double? OfBound = null,
    [property: JsonPropertyName("peer"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Peer = null,
    [property: JsonPropertyName("ofPeer"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? OfPeer = null);
