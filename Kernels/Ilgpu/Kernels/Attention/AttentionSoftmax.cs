namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The online softmax of a lane's eight rows (Milakov and Gimelshein 2018): the largest score so far, the same in the
/// sixteen lanes of a row, and this lane's share of Σ 2^(score - largest). Scores come in units of ln 2: a power of two is one
/// instruction.</summary>
internal struct AttentionSoftmax
{
    private Quad<float> _maxTop, _maxBottom, _sumTop, _sumBottom;

    /// <summary>Rows that have seen nothing.</summary>
    public static AttentionSoftmax Start => new() { _maxTop = None, _maxBottom = None };

    /// <summary>The largest scores of the rows so far, in units of ln 2.</summary>
    public readonly Quad<float> LargestTop => _maxTop;

    /// <inheritdoc cref="LargestTop"/>
    public readonly Quad<float> LargestBottom => _maxBottom;

    /// <summary>Σ 2^(score - largest), once finished.</summary>
    public readonly Quad<float> SumTop => _sumTop;

    /// <inheritdoc cref="SumTop"/>
    public readonly Quad<float> SumBottom => _sumBottom;

    /// <summary>Turns scores into weights 2^(score·factor - largest), and gives the factors by which older weights
    /// shrink.</summary>
    public void Update(ref AttentionTile s, float factor, out Quad<float> shrinkTop, out Quad<float> shrinkBottom)
    {
        Quad<float> top = new() { X = Most(s.R0), Y = Most(s.R1), Z = Most(s.R2), W = Most(s.R3) };
        Quad<float> bottom = new() { X = Most(s.R4), Y = Most(s.R5), Z = Most(s.R6), W = Most(s.R7) };
        for (int mask = 1; mask < 16; mask *= 2)
        {
            top = Larger(top, Across(top, mask));
            bottom = Larger(bottom, Across(bottom, mask));
        }
        (top, bottom) = (Larger(_maxTop, top.Times(factor)), Larger(_maxBottom, bottom.Times(factor)));
        Quad<float> shiftTop = Shift(top), shiftBottom = Shift(bottom);
        (shrinkTop, shrinkBottom) = (Exp(_maxTop, shiftTop), Exp(_maxBottom, shiftBottom));
        (_maxTop, _maxBottom) = (top, bottom);
        s.R0 = Exp(s.R0, factor, shiftTop.X);
        s.R1 = Exp(s.R1, factor, shiftTop.Y);
        s.R2 = Exp(s.R2, factor, shiftTop.Z);
        s.R3 = Exp(s.R3, factor, shiftTop.W);
        s.R4 = Exp(s.R4, factor, shiftBottom.X);
        s.R5 = Exp(s.R5, factor, shiftBottom.Y);
        s.R6 = Exp(s.R6, factor, shiftBottom.Z);
        s.R7 = Exp(s.R7, factor, shiftBottom.W);
        _sumTop = _sumTop.Times(shrinkTop).Plus(new() { X = Sum(s.R0), Y = Sum(s.R1), Z = Sum(s.R2), W = Sum(s.R3) });
        _sumBottom = _sumBottom.Times(shrinkBottom).Plus(new() { X = Sum(s.R4), Y = Sum(s.R5), Z = Sum(s.R6), W = Sum(s.R7) });
    }

    /// <summary>After the last update: what the mixed rows are multiplied by; 0 for a row that saw nothing.</summary>
    public void Finish(out Quad<float> top, out Quad<float> bottom)
    {
        for (int mask = 1; mask < 16; mask *= 2)
        {
            _sumTop = _sumTop.Plus(Across(_sumTop, mask));
            _sumBottom = _sumBottom.Plus(Across(_sumBottom, mask));
        }
        (top, bottom) = (Inverse(_sumTop), Inverse(_sumBottom));
    }

    private static Quad<float> None => new()
    {
        X = float.NegativeInfinity,
        Y = float.NegativeInfinity,
        Z = float.NegativeInfinity,
        W = float.NegativeInfinity,
    };

    /// <summary>What to take off scores before the exponential: 0 where nothing has been seen, since -∞ - -∞ is NaN.</summary>
    private static Quad<float> Shift(Quad<float> max) =>
        new() { X = Shift(max.X), Y = Shift(max.Y), Z = Shift(max.Z), W = Shift(max.W) };

    private static float Shift(float max) => max == float.NegativeInfinity ? 0 : max;

    private static float Most(Quad<float> x) => float.Max(float.Max(x.X, x.Y), float.Max(x.Z, x.W));

    private static float Sum(Quad<float> x) => x.X + x.Y + (x.Z + x.W);

    private static Quad<float> Larger(Quad<float> a, Quad<float> b) => new()
    {
        X = float.Max(a.X, b.X),
        Y = float.Max(a.Y, b.Y),
        Z = float.Max(a.Z, b.Z),
        W = float.Max(a.W, b.W),
    };

    private static Quad<float> Exp(Quad<float> x, float factor, float shift) => new()
    {
        X = float.Exp2(float.FusedMultiplyAdd(x.X, factor, -shift)),
        Y = float.Exp2(float.FusedMultiplyAdd(x.Y, factor, -shift)),
        Z = float.Exp2(float.FusedMultiplyAdd(x.Z, factor, -shift)),
        W = float.Exp2(float.FusedMultiplyAdd(x.W, factor, -shift)),
    };

    private static Quad<float> Exp(Quad<float> x, Quad<float> shift) => new()
    {
        X = float.Exp2(x.X - shift.X),
        Y = float.Exp2(x.Y - shift.Y),
        Z = float.Exp2(x.Z - shift.Z),
        W = float.Exp2(x.W - shift.W),
    };

    private static Quad<float> Inverse(Quad<float> x) =>
        new() { X = Inverse(x.X), Y = Inverse(x.Y), Z = Inverse(x.Z), W = Inverse(x.W) };

    private static float Inverse(float sum) => sum == 0 ? 0 : 1 / sum;

    /// <summary>The quad of the lane whose number differs in the bits of <paramref name="mask"/>.</summary>
    private static Quad<float> Across(Quad<float> x, int mask) => Warp.ShuffleXor(x, mask);
}
