namespace AutogradCore;

/// <summary>y = softmax(scale·q·kᵀ + mask)·v for each head, without keeping the scores.
/// q, y:[B,T,H,D]  k, v:[B,S,G,D], H a multiple of G</summary>
/// <param name="options">Mask and scale.</param>
/// <remarks>Query head h reads key head h·G/H (grouped-query attention, Ainslie et al. 2023). The gradients recompute the scores
/// from the saved log-sum-exp, as FlashAttention does (Dao et al. 2022).</remarks>
public sealed class Attention(AttentionOptions options) : Op
{
    private const int Q = 0, K = 1, V = 2;

    /// <inheritdoc/>
    public override string OperandName(int index) => index switch { Q => "q", K => "k", _ => "v" };

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(3, 3);
        DType dtype = s.RequireFloating();
        for (int i = Q; i <= V; i++) s.RequireRank(i, 4, 4);
        s.RequireEqual("B", Q, s[Q][0], K, s[K][0]);
        s.RequireEqual("D", Q, s[Q][3], K, s[K][3]);
        s.Require(s[K] == s[V], "k and v must have one shape.");
        s.Require(s[K][2] > 0 ? s[Q][2] % s[K][2] == 0 : s[Q][2] == 0,
            $"{s[Q][2]} query heads do not share {s[K][2]} key heads evenly.");
        s.Output(s[Q], dtype);
        s.Save([s[Q][0], s[Q][2], s[Q][1]], DTypes.Statistics);
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.Attention(c[Q], c[K], c[V], options, c.Y, c.Saved(0));

    /// <inheritdoc/>
    public override Reads Reads(int operand) => AutogradCore.Reads.Operand(Q) | AutogradCore.Reads.Operand(K)
        | AutogradCore.Reads.Operand(V) | AutogradCore.Reads.Output() | AutogradCore.Reads.Saved();

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        c.Wants(Q, out Destination dq);
        c.Wants(K, out Destination dk);
        c.Wants(V, out Destination dv);
        c.Backend.AttentionGradient(c[Q], c[K], c[V], c.Output(), c.Saved(), c.Dy, options, dq, dk, dv);
    }

    /// <inheritdoc/>
    public override long GradientCost(Node node, int operand) =>
        (options.Causal ? 2L : 4L) * node.Operands[Q].Shape.ElementCount * node.Operands[K].Shape[1];
}

public readonly partial struct Value
{
    /// <summary>Attention of these queries:[B,T,H,D] over keys and values:[B,S,G,D].</summary>
    public Value Attention(Value keys, Value values, AttentionOptions? options = null) =>
        new Attention(options ?? new AttentionOptions()).Apply(this, keys, values);
}
