using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = x̂ ⊙ γ + β, x̂ = (x − mean)·rstd over the last axis;  dx = rstd·(g − mean g − x̂·mean(g ⊙ x̂)), g = dy ⊙ γ;
/// dγ = Σ dy ⊙ x̂;  dβ = Σ dy.  x:[..,C]  γ, β:[C], each optional</summary>
/// <param name="epsilon">Added to the variance; finite and 0 or more.</param>
/// <remarks>Ba, Kiros &amp; Hinton 2016.</remarks>
public sealed class LayerNormOp(double epsilon) : Op
{
    private const int X = 0, Gamma = 1, Beta = 2, Mean = 0, Rstd = 1;
    private readonly double _epsilon = CheckedEpsilon(epsilon);

    /// <inheritdoc/>
    public override string Name => "LayerNorm";

    /// <inheritdoc/>
    public override string OperandName(int index) => index switch { X => "x", Gamma => "gamma", _ => "beta" };

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 3);
        DType dtype = s.RequireFloating(X);
        s.RequireRank(X, 1);
        for (int i = Gamma; i < s.Count; i++)
        {
            s.RequireVectorFor(i, dtype);
            s.RequireEqual("C", X, s[X].Last, i, s[i][0]);
        }
        s.Output(s[X], dtype);
        s.Save([s[X].Rows], DTypes.Statistics);
        s.Save([s[X].Rows], DTypes.Statistics);
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.LayerNorm(c[X], c.Count > Gamma ? c[Gamma] : default,
        c.Count > Beta ? c[Beta] : default, _epsilon, Into(c.Y), c.Saved(Mean), c.Saved(Rstd));

    /// <inheritdoc/>
    public override Reads Reads(int operand)
    {
        Reads normalised = AutogradCore.Reads.Operand(X) | AutogradCore.Reads.Saved(Mean) | AutogradCore.Reads.Saved(Rstd);
        return operand switch
        {
            X => normalised | AutogradCore.Reads.Operand(Gamma),
            Gamma => normalised,
            _ => AutogradCore.Reads.Nothing,
        };
    }

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(X, out Destination dx))
            c.Backend.LayerNormInputGradient(c[X], c.Count > Gamma ? c[Gamma] : default, c.Saved(Mean), c.Saved(Rstd), c.Dy, dx);
        bool wantsGamma = c.Wants(Gamma, out Destination dgamma), wantsBeta = c.Wants(Beta, out Destination dbeta);
        if (wantsGamma) c.Backend.LayerNormWeightGradient(c[X], c.Saved(Mean), c.Saved(Rstd), c.Dy, dgamma, dbeta);
        else if (wantsBeta) c.Backend.Sum(c.Dy, dbeta);
    }

    /// <summary>An epsilon in its range.</summary>
    /// <exception cref="ModelException">It is not.</exception>
    internal static double CheckedEpsilon(double epsilon) => Ranges.NotNegative("The epsilon of LayerNorm", epsilon);
}

public readonly partial struct Value
{
    /// <summary>Normalises the last axis to mean 0 and variance 1, then scales by gamma:[C] and shifts by beta:[C].</summary>
    public Value LayerNorm(Value? gamma = null, Value? beta = null, double epsilon = 1e-5)
    {
        LayerNormOp op = new(epsilon);
        if (gamma is not { } g)
            return beta is null
                ? op.Apply(this)
                : throw new ShapeMismatchException("LayerNorm with a beta needs a gamma.", "pass ones");
        return beta is { } b ? op.Apply(this, g, b) : op.Apply(this, g);
    }
}
