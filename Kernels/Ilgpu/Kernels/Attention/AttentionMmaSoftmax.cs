namespace AutogradCore.Kernels.Ilgpu;

/// <summary>As <see cref="AttentionSoftmax"/>, for the two rows of a warp's fragments that a lane has and four lanes
/// share.</summary>
internal struct AttentionMmaSoftmax
{
    private float _maxTop, _maxBottom, _sumTop, _sumBottom;

    /// <summary>Rows that have seen nothing.</summary>
    public static AttentionMmaSoftmax Start => new() { _maxTop = float.NegativeInfinity, _maxBottom = float.NegativeInfinity };

    /// <summary>The largest scores of the rows so far, in units of ln 2.</summary>
    public readonly float LargestTop => _maxTop;

    /// <inheritdoc cref="LargestTop"/>
    public readonly float LargestBottom => _maxBottom;

    /// <summary>Σ 2^(score - largest), once finished.</summary>
    public readonly float SumTop => _sumTop;

    /// <inheritdoc cref="SumTop"/>
    public readonly float SumBottom => _sumBottom;

    /// <summary>Turns scores into weights 2^(score·factor - largest), and gives the factors by which older weights
    /// shrink.</summary>
    public void Update(ref AttentionMmaTile s, float factor, out float shrinkTop, out float shrinkBottom)
    {
        float top = Most(s.C0.X, s.C0.Y, s.C1.X, s.C1.Y, s.C2.X, s.C2.Y, s.C3.X, s.C3.Y);
        float bottom = Most(s.C0.Z, s.C0.W, s.C1.Z, s.C1.W, s.C2.Z, s.C2.W, s.C3.Z, s.C3.W);
        top = float.Max(top, Warp.ShuffleXor(top, 1));
        bottom = float.Max(bottom, Warp.ShuffleXor(bottom, 1));
        top = float.Max(_maxTop, factor * float.Max(top, Warp.ShuffleXor(top, 2)));
        bottom = float.Max(_maxBottom, factor * float.Max(bottom, Warp.ShuffleXor(bottom, 2)));
        float shiftTop = Shift(top), shiftBottom = Shift(bottom);
        (shrinkTop, shrinkBottom) = (float.Exp2(_maxTop - shiftTop), float.Exp2(_maxBottom - shiftBottom));
        (_maxTop, _maxBottom) = (top, bottom);
        s.C0 = Exp2(s.C0, factor, shiftTop, shiftBottom);
        s.C1 = Exp2(s.C1, factor, shiftTop, shiftBottom);
        s.C2 = Exp2(s.C2, factor, shiftTop, shiftBottom);
        s.C3 = Exp2(s.C3, factor, shiftTop, shiftBottom);
        _sumTop = _sumTop * shrinkTop + (s.C0.X + s.C0.Y + (s.C1.X + s.C1.Y) + (s.C2.X + s.C2.Y + (s.C3.X + s.C3.Y)));
        _sumBottom = _sumBottom * shrinkBottom + (s.C0.Z + s.C0.W + (s.C1.Z + s.C1.W) + (s.C2.Z + s.C2.W + (s.C3.Z + s.C3.W)));
    }

    /// <summary>After the last update: what the mixed rows are multiplied by; 0 for a row that saw nothing.</summary>
    public void Finish(out float top, out float bottom)
    {
        for (int mask = 1; mask < 4; mask *= 2)
        {
            _sumTop += Warp.ShuffleXor(_sumTop, mask);
            _sumBottom += Warp.ShuffleXor(_sumBottom, mask);
        }
        (top, bottom) = (_sumTop == 0 ? 0 : 1 / _sumTop, _sumBottom == 0 ? 0 : 1 / _sumBottom);
    }

    /// <summary>0 where nothing has been seen, since -∞ - -∞ is NaN.</summary>
    private static float Shift(float max) => max == float.NegativeInfinity ? 0 : max;

    private static float Most(float a, float b, float c, float d, float e, float f, float g, float h) => float.Max(
        float.Max(float.Max(a, b), float.Max(c, d)), float.Max(float.Max(e, f), float.Max(g, h)));

    private static Quad<float> Exp2(Quad<float> x, float factor, float top, float bottom) => new()
    {
        X = float.Exp2(float.FusedMultiplyAdd(x.X, factor, -top)),
        Y = float.Exp2(float.FusedMultiplyAdd(x.Y, factor, -top)),
        Z = float.Exp2(float.FusedMultiplyAdd(x.Z, factor, -bottom)),
        W = float.Exp2(float.FusedMultiplyAdd(x.W, factor, -bottom)),
    };
}
