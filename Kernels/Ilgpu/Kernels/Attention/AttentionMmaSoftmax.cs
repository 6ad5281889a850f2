namespace AutogradCore.Kernels.Ilgpu;

/// <summary>As <see cref="AttentionSoftmax"/>, for the two rows of a warp's fragments that a lane has and four lanes
/// share.</summary>
internal struct AttentionMmaSoftmax
{
    private const float Ln2 = 0.693147181f;

    private float _maxTop, _maxBottom, _sumTop, _sumBottom;

    /// <summary>Rows that have seen nothing.</summary>
    public static AttentionMmaSoftmax Start => new() { _maxTop = float.NegativeInfinity, _maxBottom = float.NegativeInfinity };

    /// <summary>Turns scores, in units of ln 2, into weights 2^(score - largest), and gives the factors by which older weights
    /// shrink.</summary>
    public void Update(ref AttentionMmaTile s, out float shrinkTop, out float shrinkBottom)
    {
        float top = Most(s.C0.X, s.C0.Y, s.C1.X, s.C1.Y, s.C2.X, s.C2.Y, s.C3.X, s.C3.Y);
        float bottom = Most(s.C0.Z, s.C0.W, s.C1.Z, s.C1.W, s.C2.Z, s.C2.W, s.C3.Z, s.C3.W);
        top = float.Max(top, Warp.ShuffleXor(top, 1));
        bottom = float.Max(bottom, Warp.ShuffleXor(bottom, 1));
        top = float.Max(_maxTop, float.Max(top, Warp.ShuffleXor(top, 2)));
        bottom = float.Max(_maxBottom, float.Max(bottom, Warp.ShuffleXor(bottom, 2)));
        float shiftTop = Shift(top), shiftBottom = Shift(bottom);
        (shrinkTop, shrinkBottom) = (float.Exp2(_maxTop - shiftTop), float.Exp2(_maxBottom - shiftBottom));
        (_maxTop, _maxBottom) = (top, bottom);
        s.C0 = Exp2(s.C0, shiftTop, shiftBottom);
        s.C1 = Exp2(s.C1, shiftTop, shiftBottom);
        s.C2 = Exp2(s.C2, shiftTop, shiftBottom);
        s.C3 = Exp2(s.C3, shiftTop, shiftBottom);
        _sumTop = _sumTop * shrinkTop + (s.C0.X + s.C0.Y + (s.C1.X + s.C1.Y) + (s.C2.X + s.C2.Y + (s.C3.X + s.C3.Y)));
        _sumBottom = _sumBottom * shrinkBottom + (s.C0.Z + s.C0.W + (s.C1.Z + s.C1.W) + (s.C2.Z + s.C2.W + (s.C3.Z + s.C3.W)));
    }

    /// <summary>After the last update: the log-sums, and what the mixed rows are multiplied by; 0 for a row that saw
    /// nothing.</summary>
    public void Finish(out float lseTop, out float lseBottom, out float top, out float bottom)
    {
        for (int mask = 1; mask < 4; mask *= 2)
        {
            _sumTop += Warp.ShuffleXor(_sumTop, mask);
            _sumBottom += Warp.ShuffleXor(_sumBottom, mask);
        }
        (lseTop, lseBottom) = (_maxTop * Ln2 + MathF.Log(_sumTop), _maxBottom * Ln2 + MathF.Log(_sumBottom));
        (top, bottom) = (_sumTop == 0 ? 0 : 1 / _sumTop, _sumBottom == 0 ? 0 : 1 / _sumBottom);
    }

    /// <summary>0 where nothing has been seen, since -∞ - -∞ is NaN.</summary>
    private static float Shift(float max) => max == float.NegativeInfinity ? 0 : max;

    private static float Most(float a, float b, float c, float d, float e, float f, float g, float h) => float.Max(
        float.Max(float.Max(a, b), float.Max(c, d)), float.Max(float.Max(e, f), float.Max(g, h)));

    private static Quad<float> Exp2(Quad<float> x, float top, float bottom) => new()
    {
        X = float.Exp2(x.X - top),
        Y = float.Exp2(x.Y - top),
        Z = float.Exp2(x.Z - bottom),
        W = float.Exp2(x.W - bottom),
    };
}
