namespace AutogradCore.Kernels.Ilgpu;

/// <summary>From tiles of scores to weights p = 2^(factor·score - shift - rest) (<see cref="AttentionUnits"/>), and on to the
/// gradients of scores ds = p⊙(dp - delta). Queries are the rows of a tile or its columns.</summary>
internal static class AttentionWeights
{
    /// <summary>Four neighbours of a vector, zeros from <paramref name="end"/> on.</summary>
    public static Quad<float> Four(ArrayView<float> x, long at, int i, int end) => new()
    {
        X = i < end ? x[at + i] : 0,
        Y = i + 1 < end ? x[at + i + 1] : 0,
        Z = i + 2 < end ? x[at + i + 2] : 0,
        W = i + 3 < end ? x[at + i + 3] : 0,
    };

    /// <summary>Weights of queries that are rows: their shifts and what those lack.</summary>
    public static void OfRows(ref AttentionTile s, float factor, Quad<float> shiftTop, Quad<float> shiftBottom,
        Quad<float> restTop, Quad<float> restBottom)
    {
        s.R0 = Weight(s.R0, factor, Same(shiftTop.X), Same(restTop.X));
        s.R1 = Weight(s.R1, factor, Same(shiftTop.Y), Same(restTop.Y));
        s.R2 = Weight(s.R2, factor, Same(shiftTop.Z), Same(restTop.Z));
        s.R3 = Weight(s.R3, factor, Same(shiftTop.W), Same(restTop.W));
        s.R4 = Weight(s.R4, factor, Same(shiftBottom.X), Same(restBottom.X));
        s.R5 = Weight(s.R5, factor, Same(shiftBottom.Y), Same(restBottom.Y));
        s.R6 = Weight(s.R6, factor, Same(shiftBottom.Z), Same(restBottom.Z));
        s.R7 = Weight(s.R7, factor, Same(shiftBottom.W), Same(restBottom.W));
    }

    /// <summary>Weights of queries that are columns.</summary>
    public static void OfColumns(ref AttentionTile s, float factor, Quad<float> shift, Quad<float> rest)
    {
        s.R0 = Weight(s.R0, factor, shift, rest);
        s.R1 = Weight(s.R1, factor, shift, rest);
        s.R2 = Weight(s.R2, factor, shift, rest);
        s.R3 = Weight(s.R3, factor, shift, rest);
        s.R4 = Weight(s.R4, factor, shift, rest);
        s.R5 = Weight(s.R5, factor, shift, rest);
        s.R6 = Weight(s.R6, factor, shift, rest);
        s.R7 = Weight(s.R7, factor, shift, rest);
    }

    /// <summary>Gradients of scores in place of the weights <paramref name="p"/>, of queries that are rows.</summary>
    public static void SlopesOfRows(ref AttentionTile p, AttentionTile dp, Quad<float> deltaTop, Quad<float> deltaBottom)
    {
        p.R0 = Slope(p.R0, dp.R0, Same(deltaTop.X));
        p.R1 = Slope(p.R1, dp.R1, Same(deltaTop.Y));
        p.R2 = Slope(p.R2, dp.R2, Same(deltaTop.Z));
        p.R3 = Slope(p.R3, dp.R3, Same(deltaTop.W));
        p.R4 = Slope(p.R4, dp.R4, Same(deltaBottom.X));
        p.R5 = Slope(p.R5, dp.R5, Same(deltaBottom.Y));
        p.R6 = Slope(p.R6, dp.R6, Same(deltaBottom.Z));
        p.R7 = Slope(p.R7, dp.R7, Same(deltaBottom.W));
    }

    /// <summary>Gradients of scores in place of the weights <paramref name="p"/>, of queries that are columns.</summary>
    public static void SlopesOfColumns(ref AttentionTile p, AttentionTile dp, Quad<float> delta)
    {
        p.R0 = Slope(p.R0, dp.R0, delta);
        p.R1 = Slope(p.R1, dp.R1, delta);
        p.R2 = Slope(p.R2, dp.R2, delta);
        p.R3 = Slope(p.R3, dp.R3, delta);
        p.R4 = Slope(p.R4, dp.R4, delta);
        p.R5 = Slope(p.R5, dp.R5, delta);
        p.R6 = Slope(p.R6, dp.R6, delta);
        p.R7 = Slope(p.R7, dp.R7, delta);
    }

    /// <summary>2^(factor·s - shift - rest).</summary>
    public static Quad<float> Weight(Quad<float> s, float factor, Quad<float> shift, Quad<float> rest) => new()
    {
        X = float.Exp2(float.FusedMultiplyAdd(s.X, factor, -shift.X) - rest.X),
        Y = float.Exp2(float.FusedMultiplyAdd(s.Y, factor, -shift.Y) - rest.Y),
        Z = float.Exp2(float.FusedMultiplyAdd(s.Z, factor, -shift.Z) - rest.Z),
        W = float.Exp2(float.FusedMultiplyAdd(s.W, factor, -shift.W) - rest.W),
    };

    /// <summary>p⊙(dp - delta).</summary>
    public static Quad<float> Slope(Quad<float> p, Quad<float> dp, Quad<float> delta) => new()
    {
        X = p.X * (dp.X - delta.X),
        Y = p.Y * (dp.Y - delta.Y),
        Z = p.Z * (dp.Z - delta.Z),
        W = p.W * (dp.W - delta.W),
    };

    private static Quad<float> Same(float x) => new() { X = x, Y = x, Z = x, W = x };
}
