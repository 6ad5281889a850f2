namespace AutogradCore.Nn;

/// <summary>A decoder-only transformer (Radford et al. 2019): embeddings, pre-norm blocks, a final norm and a head.
/// ids:[B,T] Int32  y:[B,T,V]</summary>
public sealed class Gpt : Module
{
    private readonly Module[] _layers;

    /// <summary>A model of the given sizes.</summary>
    /// <exception cref="ModelException">A size or the probability of dropout lies outside its range.</exception>
    public Gpt(GptConfig config)
    {
        Ranges.AtLeast(nameof(config.Layers), config.Layers, 0);
        Config = config;
        GptEmbedding embedding = new(config);
        _layers =
        [
            embedding,
            .. Enumerable.Range(0, config.Layers).Select(_ =>
                new TransformerBlock(config.Features, config.Heads, config.Dropout, config.Layers, config.KeyHeads)),
            new GptHead(config, config.TieEmbeddings ? embedding.Table : null),
        ];
    }

    /// <summary>The sizes.</summary>
    public GptConfig Config { get; }

    /// <summary>Embedding, blocks and head in order: what pipeline stages are cut from.</summary>
    public IReadOnlyList<Module> Layers => _layers;

    /// <inheritdoc/>
    public override Value Forward(Value x)
    {
        foreach (Module layer in _layers) x = layer.Forward(x);
        return x;
    }
}

/// <summary>Token plus position embedding.  ids:[B,T] Int32  y:[B,T,C]</summary>
public sealed class GptEmbedding : Module
{
    private readonly int _context;
    private readonly Embedding _token;
    private readonly Parameter _position;
    private readonly Dropout _dropout;
    private readonly Precision _precision;

    /// <summary>The embedding of a model of the given sizes.</summary>
    public GptEmbedding(GptConfig config)
    {
        (_context, _precision) = (config.Context, config.Precision);
        _token = new Embedding(config.Vocabulary, config.Features);
        _position = new([config.Context, config.Features], Initializer.Normal(0.02));
        _dropout = new Dropout(config.Dropout);
    }

    /// <summary>The token table:[V,C].</summary>
    public Parameter Table => _token.Weight;

    /// <inheritdoc/>
    public override Value Forward(Value x)
    {
        int time = x.Shape[^1];
        if (time > _context)
            throw new ShapeMismatchException($"A sequence of {time} exceeds the model's context of {_context}.",
                "shorten it, or build the model with a longer context");
        Value position = x.Graph.Parameter(_position);
        Value sum = _token.Forward(x) + (time == _context ? position : position.Slice(0, 0, time));
        return _dropout.Forward(_precision.Store(sum));
    }
}

/// <summary>Final norm and projection to the vocabulary.  x:[B,T,C]  y:[B,T,V]</summary>
public sealed class GptHead : Module
{
    private readonly LayerNorm _norm;
    private readonly Parameter? _table;
    private readonly Linear? _project;

    /// <summary>The head of a model of the given sizes.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="table">The projection:[V,C], tied to where it comes from; a weight of its own when null.</param>
    public GptHead(GptConfig config, Parameter? table = null)
    {
        _norm = new LayerNorm(config.Features);
        _table = table;
        if (table is null)
            _project = new Linear(config.Features, config.Vocabulary, bias: false, Initializer.Normal(0.02));
    }

    /// <inheritdoc/>
    public override Value Forward(Value x)
    {
        Value normed = _norm.Forward(x);
        return _project?.Forward(normed) ?? normed.Linear(Precision.WeightFor(normed, _table!));
    }
}
