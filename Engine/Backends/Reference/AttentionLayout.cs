namespace AutogradCore;

/// <summary>Lengths and element positions of attention's operands: q:[B,T,H,D], k and v:[B,S,G,D], lse:[B,H,T].</summary>
internal readonly struct AttentionLayout(in Shape q, in Shape k, in AttentionOptions options)
{
    private readonly bool _causal = options.Causal;

    public int B { get; } = q[0];

    public int T { get; } = q[1];

    public int H { get; } = q[2];

    public int D { get; } = q[3];

    public int S { get; } = k[1];

    public int G { get; } = k[2];

    public double Scale { get; } = options.ScaleFor(q[3]);

    /// <summary>How many keys query <paramref name="i"/> sees: the first of them.</summary>
    public int Visible(int i) => _causal ? Math.Clamp(i + S - T + 1, 0, S) : S;

    /// <summary>The group of keys and values that query head <paramref name="h"/> reads.</summary>
    public int Group(int h) => h / (H / G);

    /// <summary>The first element of a row of q, y, dy or dq.</summary>
    public int Query(int b, int i, int h) => ((b * T + i) * H + h) * D;

    /// <summary>The first element of a row of k, v, dk or dv.</summary>
    public int Key(int b, int j, int g) => ((b * S + j) * G + g) * D;

    /// <summary>The element of lse.</summary>
    public int LogSum(int b, int h, int i) => (b * H + h) * T + i;
}
