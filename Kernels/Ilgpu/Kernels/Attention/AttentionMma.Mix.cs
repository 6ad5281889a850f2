namespace AutogradCore.Kernels.Ilgpu;

/// <content>Weights times rows: a product's fragments as the next product's left factor.</content>
internal static partial class AttentionMma<TWidth, TFormat, TStaging>
{
    /// <summary>sums += weights·inner rows staged at a word; the weights are rounded.</summary>
    public static void Mix(ref AttentionMmaSums sums, AttentionMmaTile weights, ArrayView<uint> shared, int at)
    {
        AttentionMmaWeights w = Left(weights);
        ArrayView<uint> own = shared.SubView(MixedSource(at));
        int step = 16 / TFormat.PerWord;
        Mix(ref sums.S0, ref sums.S1, w, own, 0);
        Mix(ref sums.S2, ref sums.S3, w, own, step);
        Mix(ref sums.S4, ref sums.S5, w, own, 2 * step);
        Mix(ref sums.S6, ref sums.S7, w, own, 3 * step);
        if (!TWidth.IsWide) return;
        Mix(ref sums.S8, ref sums.S9, w, own, 4 * step);
        Mix(ref sums.S10, ref sums.S11, w, own, 5 * step);
        Mix(ref sums.S12, ref sums.S13, w, own, 6 * step);
        Mix(ref sums.S14, ref sums.S15, w, own, 7 * step);
    }

    /// <summary>The weights as left factors. In bf16 two fragments side by side are one, since a lane has the same places of
    /// both. In TF32 a lane has columns 2t and 2t+1 of a fragment and is to give K's places t and t+4: so place t stands for
    /// row 2t of eight inner rows and place t+4 for row 2t+1, here and in <see cref="MixedSource"/>. Nothing moves.</summary>
    private static AttentionMmaWeights Left(AttentionMmaTile w) => TFormat.PerWord == 1
        ? new() { W0 = Turned(w.C0), W1 = Turned(w.C1), W2 = Turned(w.C2), W3 = Turned(w.C3) }
        : new() { W0 = Joined(w.C0, w.C1), W1 = Joined(w.C2, w.C3) };

    /// <summary>Where this lane reads fragments of inner rows that are mixed: in bf16 by the row it names to a matrix load; in
    /// TF32 row 2t at feature g, with row 2t+1 below it, in 32 different banks since rows are 4 banks apart.</summary>
    private static int MixedSource(int at)
    {
        int lane = Group.IdxX & 31;
        return TFormat.PerWord == 1 ? at + 2 * (lane & 3) * Pitch + (lane >> 2) : at + (lane & 15) * Pitch + (lane >> 4) * 4;
    }

    /// <summary>Sixteen features of 32 inner rows.</summary>
    private static void Mix(
        ref Quad<float> left, ref Quad<float> right, AttentionMmaWeights w, ArrayView<uint> own, int word)
    {
        if (TFormat.PerWord == 1)
        {
            MixEight(ref left, ref right, w.W0, own, word);
            MixEight(ref left, ref right, w.W1, own, word + 8 * Pitch);
            MixEight(ref left, ref right, w.W2, own, word + 16 * Pitch);
            MixEight(ref left, ref right, w.W3, own, word + 24 * Pitch);
            return;
        }
        Words4 b = TensorCore.LoadTransposed(own, word), c = TensorCore.LoadTransposed(own, word + 16 * Pitch);
        left = TFormat.Multiply(left, w.W0, new() { X = b.X, Y = b.Y });
        right = TFormat.Multiply(right, w.W0, new() { X = b.Z, Y = b.W });
        left = TFormat.Multiply(left, w.W1, new() { X = c.X, Y = c.Y });
        right = TFormat.Multiply(right, w.W1, new() { X = c.Z, Y = c.W });
    }

    /// <summary>Sixteen features of eight inner rows in TF32.</summary>
    private static void MixEight(ref Quad<float> left, ref Quad<float> right, Words4 w, ArrayView<uint> own, int word)
    {
        left = TFormat.Multiply(left, w, new() { X = own[word], Y = own[word + Pitch] });
        right = TFormat.Multiply(right, w, new() { X = own[word + 8], Y = own[word + Pitch + 8] });
    }

    private static Words4 Joined(Quad<float> first, Quad<float> second) => new()
    {
        X = TensorCore.ToBFloat16(first.X, first.Y),
        Y = TensorCore.ToBFloat16(first.Z, first.W),
        Z = TensorCore.ToBFloat16(second.X, second.Y),
        W = TensorCore.ToBFloat16(second.Z, second.W),
    };

    private static Words4 Turned(Quad<float> c) => new()
    {
        X = TensorCore.ToTensorFloat32(c.X),
        Y = TensorCore.ToTensorFloat32(c.Z),
        Z = TensorCore.ToTensorFloat32(c.Y),
        W = TensorCore.ToTensorFloat32(c.W),
    };
}

/// <summary>The weights of 32 inner rows as left factors: two of sixteen rows in bf16, four of eight in TF32.</summary>
internal struct AttentionMmaWeights
{
    public Words4 W0, W1, W2, W3;
}
