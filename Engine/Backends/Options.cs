namespace AutogradCore;

/// <summary>How attention masks and scales its scores.</summary>
/// <param name="Causal">Query i sees keys up to i + S - T only: with T = S, itself and the past.</param>
/// <param name="Scale">Multiplies q·k before the softmax, finite; null means 1/sqrt(D).</param>
public sealed record AttentionOptions(bool Causal = true, double? Scale = null)
{
    /// <summary>Multiplies q·k before the softmax, finite; null means 1/sqrt(D).</summary>
    /// <exception cref="ModelException">It is NaN or infinite.</exception>
    public double? Scale { get; init => field = CheckedScale(value); } = CheckedScale(Scale);

    /// <summary>The factor for head size <paramref name="headSize"/>.</summary>
    public double ScaleFor(int headSize) => Scale ?? 1 / Math.Sqrt(headSize);

    private static double? CheckedScale(double? scale) =>
        scale is { } value ? Ranges.Finite("The scale of attention", value) : null;
}

/// <summary>How cross-entropy reduces and smooths.</summary>
/// <param name="Reduction">Mean over the rows that count, or their sum.</param>
/// <param name="IgnoreIndex">Rows with this target count for nothing.</param>
/// <param name="LabelSmoothing">Probability mass in [0,1) spread evenly over all V classes.</param>
public sealed record CrossEntropyOptions(Reduction Reduction = Reduction.Mean, int IgnoreIndex = -100, double LabelSmoothing = 0)
{
    private const string Smoothing = "The label smoothing of cross-entropy";

    /// <summary>Probability mass in [0,1) spread evenly over all V classes.</summary>
    /// <exception cref="ModelException">It lies outside its range.</exception>
    public double LabelSmoothing { get; init => field = Ranges.BelowOne(Smoothing, value); } =
        Ranges.BelowOne(Smoothing, LabelSmoothing);
}

/// <summary>How losses of rows become one number.</summary>
public enum Reduction
{
    /// <summary>The sum divided by the number of rows that count; 0 when none does.</summary>
    Mean,

    /// <summary>The sum.</summary>
    Sum,
}

/// <summary>Rotary position embedding (Su et al. 2021): pairs (i, i + D/2) turn by position / Base^(2i/D).</summary>
/// <param name="Base">The wavelength base, finite and above 0; 10000 by custom.</param>
/// <param name="Offset">The position of the first time step.</param>
/// <param name="Inverse">Turns the other way: the transpose of the rotation, which is also its gradient.</param>
public sealed record RotaryOptions(double Base = 10000, int Offset = 0, bool Inverse = false)
{
    private const string RotaryBase = "The base of the rotary embedding";

    /// <summary>The wavelength base, finite and above 0; 10000 by custom.</summary>
    /// <exception cref="ModelException">It lies outside its range.</exception>
    public double Base { get; init => field = Ranges.Positive(RotaryBase, value); } = Ranges.Positive(RotaryBase, Base);
}

/// <summary>One Adam or AdamW update (Kingma &amp; Ba 2015; Loshchilov &amp; Hutter 2019);
/// all bias corrections already taken.</summary>
/// <param name="LearningRate">Step size of this step.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the square root.</param>
/// <param name="WeightDecay">Decoupled: w shrinks by LearningRate·WeightDecay.
/// Coupled: added to the gradient as WeightDecay·w.</param>
/// <param name="Decoupled">AdamW (true) or Adam with L2 (false).</param>
/// <param name="Correction1">1 - Beta1^t.</param>
/// <param name="Correction2">1 - Beta2^t.</param>
/// <param name="GradientScale">Multiplies the gradient first: clipping and loss unscaling.</param>
public readonly record struct AdamStep(double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay,
    bool Decoupled, double Correction1, double Correction2, double GradientScale);

/// <summary>One SGD update, with momentum buffer m: g = scale·grad + decay·w; m = momentum·m + (1-dampening)·g;
/// w -= lr·(nesterov ? g + momentum·m : m).</summary>
/// <param name="LearningRate">Step size of this step.</param>
/// <param name="Momentum">Decay of the velocity; 0 for none.</param>
/// <param name="Dampening">Share of the gradient kept out of the velocity.</param>
/// <param name="Nesterov">Look ahead along the velocity.</param>
/// <param name="WeightDecay">L2 coefficient, added to the gradient.</param>
/// <param name="FirstStep">The velocity is undefined and becomes g.</param>
/// <param name="GradientScale">Multiplies the gradient first.</param>
public readonly record struct SgdStep(double LearningRate, double Momentum, double Dampening, bool Nesterov, double WeightDecay,
    bool FirstStep, double GradientScale);

/// <summary>One product of a sum of products: A·B with A:[M,K] and B:[K,N], either possibly a transposed view.</summary>
/// <param name="A">The left factor.</param>
/// <param name="B">The right factor.</param>
public readonly record struct GemmTerm(View A, View B);
