using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = x·Wᵀ + b.  x:[..,K]  W:[M,K]  b:[M]  y:[..,M]</summary>
/// <remarks>The input rule reads W, which lives anyway; the weight rule reads x, the only activation kept until W.</remarks>
public sealed class LinearOp : Op, IProduct
{
    private const int X = 0, W = 1, B = 2;

    /// <summary>The op; it has no settings.</summary>
    public static LinearOp Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "Linear";

    /// <inheritdoc/>
    public override string OperandName(int index) => index switch { X => "x", W => "W", _ => "b" };

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(2, 3);
        DType dtype = s.RequireFloating(X, W);
        s.RequireRank(X, 1);
        s.RequireRank(W, 2, 2);
        s.RequireEqual("K", X, s[X].Last, W, s[W][1], s[X].Last == s[W][0]
            ? "W is [out,in]; is it transposed?"
            : $"the layer takes {s[W][1]} features and gets {s[X].Last}");
        if (s.Count > B)
        {
            s.RequireVectorFor(B, dtype);
            s.RequireEqual("M", W, s[W][0], B, s[B][0]);
        }
        s.Output(s[X].With(s[X].Rank - 1, s[W][0]), dtype);
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.Gemm(Rows(c[X]), c[W].T, Into(Rows(c.Y)), Bias(c));

    void IProduct.ForwardAdding(in ForwardContext c, in View residual, in View y) =>
        c.Backend.Gemm(Rows(c[X]), c[W].T, Into(Rows(y)), Bias(c), Rows(residual));

    void IProduct.ForwardMapping<TFunction>(in ForwardContext c, in View y) =>
        c.Backend.GemmMap<TFunction>(Rows(c[X]), c[W].T, Bias(c), Rows(c.Y), Rows(y));

    /// <inheritdoc/>
    public override Reads Reads(int operand) => operand switch
    {
        X => AutogradCore.Reads.Operand(W),
        W => AutogradCore.Reads.Operand(X),
        _ => AutogradCore.Reads.Nothing,
    };

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        View dy = Rows(c.Dy);
        if (c.Wants(X, out Destination dx)) c.Backend.Gemm(dy, c[W], dx.Reshape([dy.Shape[0], c.ShapeOf(W)[1]]));
        bool wantsW = c.Wants(W, out Destination dw), wantsB = c.Wants(B, out Destination db);
        if (wantsW) c.Backend.GemmSum([new(dy.T, Rows(c[X]))], dw, db);
        else if (wantsB) c.Backend.Sum(dy, db);
    }

    /// <inheritdoc/>
    public override void GradientSum(in GradientBatch microbatches)
    {
        if (microbatches[0].IsWanted(X))
        {
            // x is the parameter and W is data: a hyper-network, whose weight differs between microbatches.
            base.GradientSum(microbatches);
            return;
        }
        bool wantsB = microbatches.Wants(B, out Destination db);
        if (microbatches.Wants(W, out Destination dw))
        {
            GemmTerm[] terms = System.Buffers.ArrayPool<GemmTerm>.Shared.Rent(microbatches.Count);
            for (int i = 0; i < microbatches.Count; i++) terms[i] = new(Rows(microbatches[i].Dy).T, Rows(microbatches[i][X]));
            microbatches.Backend.GemmSum(terms.AsSpan(0, microbatches.Count), dw, db);
            System.Buffers.ArrayPool<GemmTerm>.Shared.Return(terms, clearArray: true);
            return;
        }
        for (int i = 0; wantsB && i < microbatches.Count; i++)
            microbatches.Backend.Sum(Rows(microbatches[i].Dy), i == 0 ? db : AddTo(db.View));
    }

    /// <inheritdoc/>
    public override long GradientCost(Node node, int operand)
    {
        Shape w = node.Operands[W].Shape;
        long rows = node.Operands[X].Shape.Rows;
        return operand == B ? rows * w[0] : 2 * rows * w[0] * w[1];
    }

    private static View Bias(in ForwardContext c) => c.Count > B ? c[B] : default;

    private static View Rows(in View x) => x.Reshape([x.Shape.Rows, x.Shape.Last]);
}

public readonly partial struct Value
{
    /// <summary>This·Wᵀ + b: this:[..,K], weight:[M,K], bias:[M], result:[..,M].</summary>
    public Value Linear(Value weight, Value? bias = null) =>
        bias is { } b ? LinearOp.Instance.Apply(this, weight, b) : LinearOp.Instance.Apply(this, weight);
}
