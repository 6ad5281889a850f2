namespace AutogradCore;

/// <summary>loss = mean or sum over rows of (lse − Σ q·logits), q the target distribution;
/// dlogits = dloss·(softmax − q), over the rows that count for the mean. logits:[..,V]  targets:[..] Int32</summary>
/// <param name="options">Reduction, ignored target and label smoothing.</param>
public sealed class CrossEntropy(CrossEntropyOptions options) : Op
{
    private const int Logits = 0, Targets = 1;

    /// <summary>Reduction, ignored target and label smoothing.</summary>
    public CrossEntropyOptions Options => options;

    /// <inheritdoc/>
    public override string OperandName(int index) => index == Logits ? "logits" : "targets";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(2, 2);
        DType dtype = s.RequireFloating(Logits);
        s.RequireDType(Targets, AutogradCore.DType.Int32);
        s.RequireRank(Logits, 1);
        s.Require(s[Logits].Last > 0, "there are no classes.");
        s.Require(
            s[Targets] == s[Logits].Take(s[Logits].Rank - 1), "targets must have the shape of logits without its last axis.");
        s.Output(Shape.Scalar, dtype.Sums());
        s.Save([s[Logits].Rows], DTypes.Statistics);
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) =>
        c.Backend.CrossEntropy(Rows(c[Logits]), Flat(c[Targets]), options, c.Y, c.Saved(0));

    /// <inheritdoc/>
    public override Reads Reads(int operand) =>
        AutogradCore.Reads.Operand(Logits) | AutogradCore.Reads.Operand(Targets) | AutogradCore.Reads.Saved();

    /// <inheritdoc/>
    public override bool OverwritesOperand(int operand) => operand == Logits;

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (!c.Wants(Logits, out Destination dlogits)) return;
        View logits = Rows(c[Logits]);
        c.Backend.CrossEntropyGradient(logits, Flat(c[Targets]), c.Saved(), c.Dy, options, dlogits.Reshape(logits.Shape));
    }

    private static View Rows(in View x) => x.Reshape([x.Shape.Rows, x.Shape.Last]);

    private static View Flat(in View x) => x.Reshape([x.Shape.ElementCount]);
}

public readonly partial struct Value
{
    /// <summary>Cross-entropy of these logits:[..,V] against class numbers:[..] (Int32), as a scalar.</summary>
    public Value CrossEntropy(Value targets, CrossEntropyOptions? options = null)
        => new CrossEntropy(options ?? new()).Apply(this, targets);
}
