namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A warp's sixteen outer rows, up to 128 features, as left factors in registers: sixteen features each in bf16,
/// eight in TF32.</summary>
internal struct AttentionMmaRows
{
    public Words4 F0, F1, F2, F3, F4, F5, F6, F7, F8, F9, F10, F11, F12, F13, F14, F15;
}

/// <summary>A warp's products of 16 outer and 32 inner rows: four fragments. A lane has rows <see cref="Row"/> (X, Y) and eight
/// further (Z, W), columns <see cref="Column"/> and the next of each fragment.</summary>
internal struct AttentionMmaTile
{
    public Quad<float> C0, C1, C2, C3;

    /// <summary>The lane's first row within the group's block.</summary>
    public static int Row => (Group.IdxX >> 5) * 16 + ((Group.IdxX & 31) >> 2);

    /// <summary>The lane's first column within a fragment, or its first feature within eight.</summary>
    public static int Column => (Group.IdxX & 3) * 2;

    public void Scale(float factor) =>
        (C0, C1, C2, C3) = (C0.Times(factor), C1.Times(factor), C2.Times(factor), C3.Times(factor));

    /// <summary>Overwrites what query <paramref name="i"/>, or the one eight further, does not see of the keys from
    /// <paramref name="s"/> on.</summary>
    public void MaskKeys(AttentionShape at, int i, int s, float hidden)
    {
        C0 = MaskKeys(C0, at, i, s, hidden);
        C1 = MaskKeys(C1, at, i, s + 8, hidden);
        C2 = MaskKeys(C2, at, i, s + 16, hidden);
        C3 = MaskKeys(C3, at, i, s + 24, hidden);
    }

    /// <summary>Clears what of key <paramref name="s"/>, or the one eight further, queries from <paramref name="i"/> on do not
    /// see.</summary>
    public void MaskQueries(AttentionShape at, int s, int i)
    {
        C0 = MaskQueries(C0, at, s, i);
        C1 = MaskQueries(C1, at, s, i + 8);
        C2 = MaskQueries(C2, at, s, i + 16);
        C3 = MaskQueries(C3, at, s, i + 24);
    }

    /// <summary>Weights p = 2^(factor·score - shift - rest) of queries that are rows: the first and the one eight
    /// further.</summary>
    public void WeighRows(float factor, Pair<float> shifts, Pair<float> rests)
    {
        Quad<float> shift = new() { X = shifts.X, Y = shifts.X, Z = shifts.Y, W = shifts.Y };
        Quad<float> rest = new() { X = rests.X, Y = rests.X, Z = rests.Y, W = rests.Y };
        (C0, C1) = (AttentionWeights.Weight(C0, factor, shift, rest), AttentionWeights.Weight(C1, factor, shift, rest));
        (C2, C3) = (AttentionWeights.Weight(C2, factor, shift, rest), AttentionWeights.Weight(C3, factor, shift, rest));
    }

    /// <summary>Weights of queries that are columns.</summary>
    public void WeighColumns(float factor, AttentionMmaTile shift, AttentionMmaTile rest)
    {
        C0 = AttentionWeights.Weight(C0, factor, shift.C0, rest.C0);
        C1 = AttentionWeights.Weight(C1, factor, shift.C1, rest.C1);
        C2 = AttentionWeights.Weight(C2, factor, shift.C2, rest.C2);
        C3 = AttentionWeights.Weight(C3, factor, shift.C3, rest.C3);
    }

    /// <summary>From weights to gradients of scores p⊙(dp - delta), of queries that are rows.</summary>
    public void SlopeRows(AttentionMmaTile dp, float top, float bottom)
    {
        Quad<float> delta = new() { X = top, Y = top, Z = bottom, W = bottom };
        (C0, C1) = (AttentionWeights.Slope(C0, dp.C0, delta), AttentionWeights.Slope(C1, dp.C1, delta));
        (C2, C3) = (AttentionWeights.Slope(C2, dp.C2, delta), AttentionWeights.Slope(C3, dp.C3, delta));
    }

    /// <summary>The same of queries that are columns.</summary>
    public void SlopeColumns(AttentionMmaTile dp, AttentionMmaTile delta)
    {
        (C0, C1) = (AttentionWeights.Slope(C0, dp.C0, delta.C0), AttentionWeights.Slope(C1, dp.C1, delta.C1));
        (C2, C3) = (AttentionWeights.Slope(C2, dp.C2, delta.C2), AttentionWeights.Slope(C3, dp.C3, delta.C3));
    }

    /// <summary>Makes NaN of the weights of queries, columns, whose shift or delta is not finite.</summary>
    public void PoisonColumns(AttentionMmaTile shift, AttentionMmaTile delta)
    {
        (C0, C1) = (Poisoned(C0, shift.C0, delta.C0), Poisoned(C1, shift.C1, delta.C1));
        (C2, C3) = (Poisoned(C2, shift.C2, delta.C2), Poisoned(C3, shift.C3, delta.C3));
    }

    private static Quad<float> Poisoned(Quad<float> c, Quad<float> shift, Quad<float> delta)
    {
        bool isLeft = float.IsFinite(shift.X) && float.IsFinite(delta.X);
        bool isRight = float.IsFinite(shift.Y) && float.IsFinite(delta.Y);
        return new()
        {
            X = isLeft ? c.X : float.NaN,
            Y = isRight ? c.Y : float.NaN,
            Z = isLeft ? c.Z : float.NaN,
            W = isRight ? c.W : float.NaN,
        };
    }

    private static Quad<float> MaskKeys(Quad<float> c, AttentionShape at, int i, int s, float hidden) => new()
    {
        X = at.Sees(i, s) ? c.X : hidden,
        Y = at.Sees(i, s + 1) ? c.Y : hidden,
        Z = at.Sees(i + 8, s) ? c.Z : hidden,
        W = at.Sees(i + 8, s + 1) ? c.W : hidden,
    };

    private static Quad<float> MaskQueries(Quad<float> c, AttentionShape at, int s, int i) => new()
    {
        X = at.Sees(i, s) ? c.X : 0,
        Y = at.Sees(i + 1, s) ? c.Y : 0,
        Z = at.Sees(i, s + 8) ? c.Z : 0,
        W = at.Sees(i + 1, s + 8) ? c.W : 0,
    };
}
