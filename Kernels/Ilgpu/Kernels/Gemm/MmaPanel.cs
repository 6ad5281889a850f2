namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A panel of one factor, 128 by 32 steps of K, on its way from floats in global memory through registers, where it is
/// rounded to bf16, to shared memory and into fragments.</summary>
/// <remarks>
/// It keeps the orientation it has in global memory, so that both sides move 8 or 16 bytes at a time:
/// [outer][depth] rows are 20 words apart, [depth][outer] rows 68: 8 rows of 16 bytes then lie in 32 different banks, which is
/// what a matrix load reads at once. A lane works out its places once; from there on they are constants apart.
/// </remarks>
internal static class MmaPanel<TForm> where TForm : struct, IMmaForm
{
    private const int Pitch = MmaGemm.Words + 4, PitchAcross = (MmaGemm.Block + 8) / 2;

    /// <summary>From one pass of this lane to the next: rows of A or columns of B, and steps of K.</summary>
    private static int OuterPerPass => TForm.IsAlongDepth ? MmaGemm.Lanes / 8 : 0;

    private static int DepthPerPass => TForm.IsAlongDepth ? 0 : MmaGemm.Lanes / 32;

    private static int WordsPerPass => TForm.IsAlongDepth ? OuterPerPass * Pitch : DepthPerPass * PitchAcross;

    private static int Outer => TForm.IsAlongDepth ? Group.IdxX >> 3 : (Group.IdxX & 31) * 4;

    private static int Depth => TForm.IsAlongDepth ? (Group.IdxX & 7) * 4 : Group.IdxX >> 5;

    /// <summary>The four quads of this lane, zero outside the matrix.</summary>
    public static MmaStage Load(GemmFactor<float> factor, int at, int outer, int outerEnd, int depth, int depthEnd)
    {
        int o = outer + Outer, d = depth + Depth;
        MmaStage stage = default;
        if (factor.IsAligned != 0 && outer + MmaGemm.Block <= outerEnd && depth + MmaGemm.Depth <= depthEnd)
        {
            ArrayView<Quad<float>> quads = factor.X.Cast<Quad<float>>();
            int i = (at + o * factor.OuterStride + d * factor.DepthStride) >> 2;
            int step = (OuterPerPass * factor.OuterStride + DepthPerPass * factor.DepthStride) >> 2;
            stage.Q0 = quads[i];
            stage.Q1 = quads[i + step];
            stage.Q2 = quads[i + 2 * step];
            stage.Q3 = quads[i + 3 * step];
            return stage;
        }
        stage.Q0 = factor.Four(at, o, outerEnd, d, depthEnd);
        stage.Q1 = factor.Four(at, o + OuterPerPass, outerEnd, d + DepthPerPass, depthEnd);
        stage.Q2 = factor.Four(at, o + 2 * OuterPerPass, outerEnd, d + 2 * DepthPerPass, depthEnd);
        stage.Q3 = factor.Four(at, o + 3 * OuterPerPass, outerEnd, d + 3 * DepthPerPass, depthEnd);
        return stage;
    }

    /// <summary>Where this lane's first elements go within a panel, in words.</summary>
    public static int Target => TForm.IsAlongDepth ? Outer * Pitch + Depth / 2 : Depth * PitchAcross + Outer / 2;

    /// <summary>Rounds them into a panel, the first at word <paramref name="at"/>.</summary>
    public static void Store(ArrayView<Words4> panels, int at, MmaStage stage)
    {
        BFloat16Format.Store(panels, at, stage.Q0);
        BFloat16Format.Store(panels, at + WordsPerPass, stage.Q1);
        BFloat16Format.Store(panels, at + 2 * WordsPerPass, stage.Q2);
        BFloat16Format.Store(panels, at + 3 * WordsPerPass, stage.Q3);
    }

    /// <summary>Where this lane reads its part of the fragment that starts at row or column <paramref name="outer"/>: each lane
    /// names one row of one of four blocks of 8 rows by 4 words. Where rows are K, a word is two of them side by side.</summary>
    public static int Source(int outer, bool isLeft)
    {
        int lane = Group.IdxX & 31, low = (lane >> 3) & 1, high = lane >> 4;
        return TForm.IsAlongDepth
            ? (outer + 8 * (isLeft ? low : high) + (lane & 7)) * Pitch + 4 * (isLeft ? high : low)
            : (8 * (isLeft ? high : low) + (lane & 7)) * PitchAcross + (outer >> 1) + 4 * (isLeft ? low : high);
    }

    /// <summary>A's fragment of 16 rows by 8 words, or B's two of 8 columns by 8 words: X, Y and Z, W.</summary>
    /// <param name="panels">The words of both panels.</param>
    /// <param name="at"><see cref="Source"/>, within the present panel.</param>
    /// <param name="sixteen">How many times 16 rows or columns further.</param>
    /// <param name="half">Which 8 words of K.</param>
    public static Words4 Fragment(ArrayView<uint> panels, int at, int sixteen, int half) => TForm.IsAlongDepth
        ? TensorCore.Load(panels, at + sixteen * 16 * Pitch + half * 8)
        : TensorCore.LoadTransposed(panels, at + sixteen * 8 + half * 16 * PitchAcross);
}

/// <summary>What one lane carries of a panel.</summary>
internal struct MmaStage
{
    public Quad<float> Q0, Q1, Q2, Q3;
}
