using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = x·r ⊙ γ, r = 1/√(mean x² + ε) over the last axis;  dx = r·(g − x·r²·mean(g ⊙ x)), g = dy ⊙ γ;  dγ = Σ dy ⊙ x·r.
/// x:[..,C]  γ:[C], optional</summary>
/// <param name="epsilon">Added to the mean square; finite and 0 or more.</param>
/// <remarks>Zhang &amp; Sennrich 2019.</remarks>
public sealed class RmsNormOp(double epsilon) : Op
{
    private const int X = 0, Gamma = 1;
    private readonly double _epsilon = CheckedEpsilon(epsilon);

    /// <inheritdoc/>
    public override string Name => "RmsNorm";

    /// <inheritdoc/>
    public override string OperandName(int index) => index == X ? "x" : "gamma";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 2);
        DType dtype = s.RequireFloating(X);
        s.RequireRank(X, 1);
        if (s.Count > Gamma)
        {
            s.RequireVectorFor(Gamma, dtype);
            s.RequireEqual("C", X, s[X].Last, Gamma, s[Gamma][0]);
        }
        s.Output(s[X], dtype);
        s.Save([s[X].Rows], DTypes.Statistics);
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) =>
        c.Backend.RmsNorm(c[X], c.Count > Gamma ? c[Gamma] : default, _epsilon, Into(c.Y), c.Saved(0));

    /// <inheritdoc/>
    public override Reads Reads(int operand) => AutogradCore.Reads.Operand(X) | AutogradCore.Reads.Saved()
        | (operand == X ? AutogradCore.Reads.Operand(Gamma) : AutogradCore.Reads.Nothing);

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(X, out Destination dx))
            c.Backend.RmsNormInputGradient(c[X], c.Count > Gamma ? c[Gamma] : default, c.Saved(), c.Dy, dx);
        if (c.Wants(Gamma, out Destination dgamma)) c.Backend.RmsNormWeightGradient(c[X], c.Saved(), c.Dy, dgamma);
    }

    /// <summary>An epsilon in its range.</summary>
    /// <exception cref="ModelException">It is not.</exception>
    internal static double CheckedEpsilon(double epsilon) => Ranges.NotNegative("The epsilon of RmsNorm", epsilon);
}

public readonly partial struct Value
{
    /// <summary>Divides the last axis by its root mean square, then scales by gamma:[C].</summary>
    public Value RmsNorm(Value? gamma = null, double epsilon = 1e-6) =>
        gamma is { } g ? new RmsNormOp(epsilon).Apply(this, g) : new RmsNormOp(epsilon).Apply(this);
}
