namespace AutogradCore.Nn;

/// <summary>Self-attention over time: project to q, k, v, attend per head, project back.  x, y:[B,T,C]</summary>
public sealed class MultiHeadAttention : Module
{
    private readonly int _heads, _keyHeads;
    private readonly AttentionOptions _options;
    private readonly RotaryOptions? _rotary;
    private readonly Linear _query, _key, _value, _project;

    /// <summary>Attention of H = <paramref name="heads"/> heads over C = <paramref name="features"/>.</summary>
    /// <param name="features">C, a multiple of H.</param>
    /// <param name="heads">H.</param>
    /// <param name="keyHeads">G, the heads of keys and values, which H is a multiple of; H when left out.</param>
    /// <param name="causal">Whether a position sees itself and the past alone.</param>
    /// <param name="rotary">Rotary embedding of queries and keys; none when left out.</param>
    /// <param name="bias">Whether the projections have biases.</param>
    /// <param name="output">First values of the projection back.</param>
    /// <exception cref="ModelException">The numbers do not divide.</exception>
    public MultiHeadAttention(int features, int heads, int? keyHeads = null, bool causal = true, RotaryOptions? rotary = null,
        bool bias = true, Initializer? output = null)
    {
        (_heads, _keyHeads, _options, _rotary) = (heads, keyHeads ?? heads, new AttentionOptions(causal), rotary);
        if (heads < 1 || features % heads != 0)
            throw new ModelException(
                $"{features} features do not divide into {heads} heads.", "choose heads that divide the features");
        if (_keyHeads < 1 || heads % _keyHeads != 0)
            throw new ModelException(
                $"{heads} query heads do not share {_keyHeads} key heads evenly.", "choose key heads that divide the heads");
        int head = features / heads;
        Initializer normal = Initializer.Normal(0.02);
        _query = new Linear(features, features, bias, normal);
        _key = new Linear(features, _keyHeads * head, bias, normal);
        _value = new Linear(features, _keyHeads * head, bias, normal);
        _project = new Linear(features, features, bias, output ?? normal);
    }

    /// <inheritdoc/>
    public override Value Forward(Value x)
    {
        Value q = Heads(_query.Forward(x), _heads), k = Heads(_key.Forward(x), _keyHeads),
            v = Heads(_value.Forward(x), _keyHeads);
        if (_rotary is { } rotary) (q, k) = (q.Rotary(rotary), k.Rotary(rotary));
        return _project.Forward(q.Attention(k, v, _options).Reshape(x.Shape[0], x.Shape[1], x.Shape[2]));
    }

    private static Value Heads(Value x, int heads) => x.Reshape(x.Shape[0], x.Shape[1], heads, x.Shape[2] / heads);
}
