namespace AutogradCore.Nn;

/// <summary>The sizes of a <see cref="Gpt"/>, and how it keeps its numbers.</summary>
/// <param name="Vocabulary">V.</param>
/// <param name="Context">The longest sequence T.</param>
/// <param name="Layers">The number of blocks.</param>
/// <param name="Heads">H.</param>
/// <param name="Features">C, a multiple of H.</param>
/// <param name="Dropout">Probability after the embedding and at the end of each branch.</param>
/// <param name="KeyHeads">Heads of keys and values; H when null.</param>
public sealed record GptConfig(
    int Vocabulary, int Context, int Layers, int Heads, int Features, double Dropout = 0, int? KeyHeads = null)
{
    /// <summary>Whether the head projects with the token embedding's table (Press and Wolf 2017) instead of a weight of its
    /// own.</summary>
    public bool TieEmbeddings { get; init; }

    /// <summary>In which types weights and activations are stored.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>The named sizes, over a byte-level vocabulary.</summary>
    public static IReadOnlyList<string> Names { get; } = ["gpt-nano", "gpt-mini"];

    /// <summary>A named size: <c>gpt-nano</c> (4 blocks of 128) or <c>gpt-mini</c> (6 blocks of 384).</summary>
    /// <exception cref="ModelException">No such name.</exception>
    public static GptConfig Named(string name, int context, int vocabulary = 256) => name switch
    {
        "gpt-nano" => new GptConfig(vocabulary, context, Layers: 4, Heads: 4, Features: 128),
        "gpt-mini" => new GptConfig(vocabulary, context, Layers: 6, Heads: 6, Features: 384),
        _ => throw new ModelException($"There is no model '{name}'.", $"choose one of {string.Join(", ", Names)}"),
    };
}
