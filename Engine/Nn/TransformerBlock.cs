namespace AutogradCore.Nn;

/// <summary>A pre-norm transformer block: h = x + attention(norm x);  y = h + mlp(norm h).  x, y:[B,T,C]</summary>
public sealed class TransformerBlock : Module
{
    private readonly LayerNorm _attentionNorm, _mlpNorm;
    private readonly MultiHeadAttention _attention;
    private readonly Mlp _mlp;
    private readonly Dropout _attentionDropout, _mlpDropout;

    /// <summary>A block of the given sizes.</summary>
    /// <param name="features">C.</param>
    /// <param name="heads">H, which divides C.</param>
    /// <param name="dropout">Probability at the end of each branch.</param>
    /// <param name="depth">Blocks in the model: branch outputs start smaller by 1/√(2·depth), as in GPT-2.</param>
    /// <param name="keyHeads">Heads of keys and values; H when left out.</param>
    /// <exception cref="ModelException">The heads do not divide the features, <paramref name="dropout"/> lies outside [0,1], or
    /// <paramref name="depth"/> is below 1.</exception>
    public TransformerBlock(int features, int heads, double dropout = 0, int depth = 1, int? keyHeads = null)
    {
        Initializer output = Initializer.Normal(0.02 / Math.Sqrt(2.0 * Ranges.AtLeast(nameof(depth), depth, 1)));
        _attentionNorm = new LayerNorm(features);
        _attention = new MultiHeadAttention(features, heads, keyHeads, output: output);
        _attentionDropout = new Dropout(dropout);
        _mlpNorm = new LayerNorm(features);
        _mlp = new Mlp(features, output: output);
        _mlpDropout = new Dropout(dropout);
    }

    /// <inheritdoc/>
    public override Value Forward(Value x)
    {
        x += _attentionDropout.Forward(_attention.Forward(_attentionNorm.Forward(x)));
        return x + _mlpDropout.Forward(_mlp.Forward(_mlpNorm.Forward(x)));
    }
}
