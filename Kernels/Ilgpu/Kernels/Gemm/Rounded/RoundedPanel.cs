namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A panel of one factor that is <see cref="BFloat16"/> in memory, 128 by 32 steps of K, on its way through registers to
/// shared memory, 16 bytes at a time and nothing rounded. There it lies as <see cref="MmaPanel{TForm}"/> has it, which
/// also makes its fragments.</summary>
internal static class RoundedPanel<TForm> where TForm : struct, IMmaForm
{
    private const int PitchAlong = MmaGemm.Words + 4, PitchAcross = (MmaGemm.Block + 8) / 2;

    /// <summary>From this lane's first eight elements to its other eight.</summary>
    private static int OuterStep => TForm.IsAlongDepth ? MmaGemm.Lanes / 4 : 0;

    private static int DepthStep => TForm.IsAlongDepth ? 0 : MmaGemm.Lanes / 16;

    private static int Outer => TForm.IsAlongDepth ? Group.IdxX >> 2 : (Group.IdxX & 15) * 8;

    private static int First => TForm.IsAlongDepth ? (Group.IdxX & 3) * 8 : Group.IdxX >> 4;

    /// <summary>The elements of this lane, zero outside the matrix.</summary>
    public static RoundedStage Load(GemmFactor<ushort> factor, int at, int outer, int outerEnd, int depth, int depthEnd)
    {
        int o = outer + Outer, d = depth + First;
        RoundedStage stage = default;
        if (factor.IsAligned != 0 && outer + MmaGemm.Block <= outerEnd && depth + MmaGemm.Depth <= depthEnd)
        {
            ArrayView<Words4> eights = factor.X.Cast<Words4>();
            int i = (at + o * factor.OuterStride + d * factor.DepthStride) >> 3;
            stage.Q0 = eights[i];
            stage.Q1 = eights[i + ((OuterStep * factor.OuterStride + DepthStep * factor.DepthStride) >> 3)];
            return stage;
        }
        stage.Q0 = Eight(factor, at, o, outerEnd, d, depthEnd);
        stage.Q1 = Eight(factor, at, o + OuterStep, outerEnd, d + DepthStep, depthEnd);
        return stage;
    }

    /// <summary>Where this lane's first elements go within a panel, in words.</summary>
    public static int Target => TForm.IsAlongDepth ? Outer * PitchAlong + First / 2 : First * PitchAcross + Outer / 2;

    /// <summary>Puts them into a panel, the first at word <paramref name="at"/>.</summary>
    public static void Store(ArrayView<Words4> panels, int at, RoundedStage stage)
    {
        panels[at >> 2] = stage.Q0;
        panels[(at + OuterStep * PitchAlong + DepthStep * PitchAcross) >> 2] = stage.Q1;
    }

    private static Words4 Eight(GemmFactor<ushort> factor, int at, int outer, int outerEnd, int depth, int depthEnd) => new()
    {
        X = Two(factor, at, outer, outerEnd, depth, depthEnd, 0),
        Y = Two(factor, at, outer, outerEnd, depth, depthEnd, 2),
        Z = Two(factor, at, outer, outerEnd, depth, depthEnd, 4),
        W = Two(factor, at, outer, outerEnd, depth, depthEnd, 6),
    };

    private static uint Two(GemmFactor<ushort> factor, int at, int outer, int outerEnd, int depth, int depthEnd, int i)
    {
        int o = TForm.IsAlongDepth ? outer : outer + i, d = TForm.IsAlongDepth ? depth + i : depth;
        int next = TForm.IsAlongDepth ? 0 : 1;
        return One(factor, at, o, outerEnd, d, depthEnd) | One(factor, at, o + next, outerEnd, d + 1 - next, depthEnd) << 16;
    }

    private static uint One(GemmFactor<ushort> factor, int at, int outer, int outerEnd, int depth, int depthEnd) =>
        outer < outerEnd && depth < depthEnd
            ? (uint)factor.X[at + outer * factor.OuterStride + depth * factor.DepthStride] & 0xffff
            : 0;
}

/// <summary>What one lane carries of a panel: two times eight numbers.</summary>
internal struct RoundedStage
{
    public Words4 Q0, Q1;
}
