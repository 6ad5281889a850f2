namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A panel of one factor, 128 by 16 words of K, on its way from global memory through registers to shared memory and into
/// fragments.</summary>
/// <remarks>
/// It keeps the orientation it has in global memory, so that both sides move 8 or 16 bytes at a time:
/// [outer][depth] rows are 20 words apart, [depth][outer] rows 68 (bf16) or 136 (TF32): 8 rows of 16 bytes then lie in 32 different
/// banks, which is what a matrix load reads at once.
/// </remarks>
internal static class MmaPanel<TFormat, TForm>
    where TFormat : struct, IMmaFormat
    where TForm : struct, IMmaForm
{
    private const int Pitch = MmaGemm.Words + 4;

    private static int QuadsPerRow => 4 * TFormat.PerWord;

    /// <summary>The elements of this lane: four quads for bf16, two for TF32.</summary>
    public static MmaStage Load(GemmFactor<float> factor, int at, int outer, int outerEnd, int depth, int depthEnd)
    {
        MmaStage stage = default;
        stage.Q0 = factor.Four(at, outer + Outer(0), outerEnd, depth + Depth(0), depthEnd);
        stage.Q1 = factor.Four(at, outer + Outer(1), outerEnd, depth + Depth(1), depthEnd);
        if (TFormat.PerWord == 1) return stage;
        stage.Q2 = factor.Four(at, outer + Outer(2), outerEnd, depth + Depth(2), depthEnd);
        stage.Q3 = factor.Four(at, outer + Outer(3), outerEnd, depth + Depth(3), depthEnd);
        return stage;
    }

    /// <summary>Rounds them into the panel that starts at word <paramref name="at"/>.</summary>
    public static void Store(ArrayView<Words4> panels, int at, MmaStage stage)
    {
        TFormat.Store(panels, at + Word(0), stage.Q0);
        TFormat.Store(panels, at + Word(1), stage.Q1);
        if (TFormat.PerWord == 1) return;
        TFormat.Store(panels, at + Word(2), stage.Q2);
        TFormat.Store(panels, at + Word(3), stage.Q3);
    }

    /// <summary>A's fragment of 16 rows by 8 words (<paramref name="isLeft"/>), or B's two of 8 columns by 8 words: X, Y and Z,
    /// W.</summary>
    public static Words4 Fragment(ArrayView<uint> panels, int at, int outer, int word, bool isLeft) =>
        TForm.IsAlongDepth ? Straight(panels, at, outer, word, isLeft) : TFormat.Transposed(panels, at, outer, word, isLeft);

    /// <summary>Each lane names one row of one of four blocks of 8 rows by 4 words.</summary>
    private static Words4 Straight(ArrayView<uint> panels, int at, int outer, int word, bool isLeft)
    {
        int lane = Group.IdxX & 31, low = (lane >> 3) & 1, high = lane >> 4;
        int o = outer + 8 * (isLeft ? low : high) + (lane & 7), k = word + 4 * (isLeft ? high : low);
        return TensorCore.Load(panels, at + o * Pitch + k);
    }

    private static int Word(int pass) => TForm.IsAlongDepth
        ? Outer(pass) * Pitch + Depth(pass) / TFormat.PerWord
        : Depth(pass) * ((MmaGemm.Block + 8) / TFormat.PerWord) + Outer(pass) / TFormat.PerWord;

    private static int Outer(int pass) => TForm.IsAlongDepth
        ? Group.IdxX / QuadsPerRow + pass * (MmaGemm.Lanes / QuadsPerRow)
        : (Group.IdxX & 31) * 4;

    private static int Depth(int pass) => TForm.IsAlongDepth
        ? (Group.IdxX & (QuadsPerRow - 1)) * 4
        : (Group.IdxX >> 5) + pass * (MmaGemm.Lanes / 32);
}

/// <summary>What one lane carries of a panel.</summary>
internal struct MmaStage
{
    public Quad<float> Q0, Q1, Q2, Q3;
}
