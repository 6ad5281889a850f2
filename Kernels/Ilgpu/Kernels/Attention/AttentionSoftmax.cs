namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The online softmax of a lane's eight rows (Milakov and Gimelshein 2018): the largest score so far, the same in the
/// sixteen lanes of a row, and this lane's share of Σ 2^(score - largest). Scores come in units of ln 2: a power of two is one
/// instruction.</summary>
internal struct AttentionSoftmax
{
    /// <summary>Scores are multiplied by this to come in units of ln 2.</summary>
    public const float Log2E = 1.44269504f;

    private const float Ln2 = 0.693147181f;

    private Quad<float> _maxTop, _maxBottom, _sumTop, _sumBottom;

    /// <summary>Rows that have seen nothing.</summary>
    public static AttentionSoftmax Start => new() { _maxTop = None, _maxBottom = None };

    /// <summary>Turns scores into weights 2^(score - largest), and gives the factors by which older weights shrink.</summary>
    public void Update(ref AttentionTile s, out Quad<float> shrinkTop, out Quad<float> shrinkBottom)
    {
        Quad<float> top = new() { X = Most(s.R0), Y = Most(s.R1), Z = Most(s.R2), W = Most(s.R3) };
        Quad<float> bottom = new() { X = Most(s.R4), Y = Most(s.R5), Z = Most(s.R6), W = Most(s.R7) };
        for (int mask = 1; mask < 16; mask *= 2)
        {
            top = Larger(top, Across(top, mask));
            bottom = Larger(bottom, Across(bottom, mask));
        }
        (top, bottom) = (Larger(_maxTop, top), Larger(_maxBottom, bottom));
        Quad<float> shiftTop = Shift(top), shiftBottom = Shift(bottom);
        (shrinkTop, shrinkBottom) = (Exp(_maxTop, shiftTop), Exp(_maxBottom, shiftBottom));
        (_maxTop, _maxBottom) = (top, bottom);
        s.R0 = Exp(s.R0, shiftTop.X);
        s.R1 = Exp(s.R1, shiftTop.Y);
        s.R2 = Exp(s.R2, shiftTop.Z);
        s.R3 = Exp(s.R3, shiftTop.W);
        s.R4 = Exp(s.R4, shiftBottom.X);
        s.R5 = Exp(s.R5, shiftBottom.Y);
        s.R6 = Exp(s.R6, shiftBottom.Z);
        s.R7 = Exp(s.R7, shiftBottom.W);
        _sumTop = _sumTop.Times(shrinkTop).Plus(new() { X = Sum(s.R0), Y = Sum(s.R1), Z = Sum(s.R2), W = Sum(s.R3) });
        _sumBottom = _sumBottom.Times(shrinkBottom).Plus(new() { X = Sum(s.R4), Y = Sum(s.R5), Z = Sum(s.R6), W = Sum(s.R7) });
    }

    /// <summary>After the last update: the log-sums, and what the mixed rows are multiplied by; 0 for a row that saw
    /// nothing.</summary>
    public void Finish(out Quad<float> lseTop, out Quad<float> lseBottom, out Quad<float> top, out Quad<float> bottom)
    {
        for (int mask = 1; mask < 16; mask *= 2)
        {
            _sumTop = _sumTop.Plus(Across(_sumTop, mask));
            _sumBottom = _sumBottom.Plus(Across(_sumBottom, mask));
        }
        (lseTop, lseBottom) = (LogSum(_maxTop, _sumTop), LogSum(_maxBottom, _sumBottom));
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

    private static Quad<float> Exp(Quad<float> x, float shift) => new()
    {
        X = float.Exp2(x.X - shift),
        Y = float.Exp2(x.Y - shift),
        Z = float.Exp2(x.Z - shift),
        W = float.Exp2(x.W - shift),
    };

    private static Quad<float> Exp(Quad<float> x, Quad<float> shift) => new()
    {
        X = float.Exp2(x.X - shift.X),
        Y = float.Exp2(x.Y - shift.Y),
        Z = float.Exp2(x.Z - shift.Z),
        W = float.Exp2(x.W - shift.W),
    };

    private static Quad<float> LogSum(Quad<float> max, Quad<float> sum) => new()
    {
        X = max.X * Ln2 + MathF.Log(sum.X),
        Y = max.Y * Ln2 + MathF.Log(sum.Y),
        Z = max.Z * Ln2 + MathF.Log(sum.Z),
        W = max.W * Ln2 + MathF.Log(sum.W),
    };

    private static Quad<float> Inverse(Quad<float> x) =>
        new() { X = Inverse(x.X), Y = Inverse(x.Y), Z = Inverse(x.Z), W = Inverse(x.W) };

    private static float Inverse(float sum) => sum == 0 ? 0 : 1 / sum;

    /// <summary>The quad of the lane whose number differs in the bits of <paramref name="mask"/>.</summary>
    private static Quad<float> Across(Quad<float> x, int mask) => Warp.ShuffleXor(x, mask);
}
