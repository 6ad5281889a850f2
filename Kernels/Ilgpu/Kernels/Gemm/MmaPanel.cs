namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A panel of one factor, 128 by 32 steps of K, on its way from floats in global memory through registers, where it is
/// rounded to bf16, to shared memory and into fragments.</summary>
internal readonly struct MmaPanel<TForm> : IMmaPanel<float, MmaStage> where TForm : struct, IMmaForm
{
    /// <summary>From one pass of this lane to the next: rows of A or columns of B, and steps of K.</summary>
    private static int OuterPerPass => TForm.IsAlongDepth ? MmaGemm.Lanes / 8 : 0;

    private static int DepthPerPass => TForm.IsAlongDepth ? 0 : MmaGemm.Lanes / 32;

    private static int WordsPerPass => OuterPerPass * MmaFragments<TForm>.Pitch + DepthPerPass * MmaFragments<TForm>.PitchAcross;

    private static int Outer => TForm.IsAlongDepth ? Group.IdxX >> 3 : (Group.IdxX & 31) * 4;

    private static int Depth => TForm.IsAlongDepth ? (Group.IdxX & 7) * 4 : Group.IdxX >> 5;

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public static int Target => TForm.IsAlongDepth
        ? Outer * MmaFragments<TForm>.Pitch + Depth / 2
        : Depth * MmaFragments<TForm>.PitchAcross + Outer / 2;

    /// <inheritdoc/>
    public static void Store(ArrayView<Words4> panels, int at, MmaStage stage)
    {
        BFloat16Format.Store(panels, at, stage.Q0);
        BFloat16Format.Store(panels, at + WordsPerPass, stage.Q1);
        BFloat16Format.Store(panels, at + 2 * WordsPerPass, stage.Q2);
        BFloat16Format.Store(panels, at + 3 * WordsPerPass, stage.Q3);
    }

    /// <inheritdoc/>
    public static int Source(int outer, bool isLeft) => MmaFragments<TForm>.Source(outer, isLeft);

    /// <inheritdoc/>
    public static Words4 Fragment(ArrayView<uint> from, int sixteen, int half) =>
        MmaFragments<TForm>.Fragment(from, sixteen, half);
}

/// <summary>What one lane carries of a panel.</summary>
internal struct MmaStage
{
    public Quad<float> Q0, Q1, Q2, Q3;
}
