namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A panel of one factor that is <see cref="BFloat16"/> in memory, 128 by 32 steps of K, on its way through registers to
/// shared memory, 16 bytes at a time and nothing rounded.</summary>
internal readonly struct RoundedPanel<TForm> : IMmaPanel<ushort, RoundedStage> where TForm : struct, IMmaForm
{
    /// <summary>From this lane's first eight elements to its other eight.</summary>
    private static int OuterStep => TForm.IsAlongDepth ? MmaGemm.Lanes / 4 : 0;

    private static int DepthStep => TForm.IsAlongDepth ? 0 : MmaGemm.Lanes / 16;

    private static int Outer => TForm.IsAlongDepth ? Group.IdxX >> 2 : (Group.IdxX & 15) * 8;

    private static int First => TForm.IsAlongDepth ? (Group.IdxX & 3) * 8 : Group.IdxX >> 4;

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public static int Target => TForm.IsAlongDepth
        ? Outer * MmaFragments<TForm>.Pitch + First / 2
        : First * MmaFragments<TForm>.PitchAcross + Outer / 2;

    /// <inheritdoc/>
    public static void Store(ArrayView<Words4> panels, int at, RoundedStage stage)
    {
        panels[at >> 2] = stage.Q0;
        panels[(at + OuterStep * MmaFragments<TForm>.Pitch + DepthStep * MmaFragments<TForm>.PitchAcross) >> 2] = stage.Q1;
    }

    /// <inheritdoc/>
    public static int Source(int outer, bool isLeft) => MmaFragments<TForm>.Source(outer, isLeft);

    /// <inheritdoc/>
    public static Words4 Fragment(ArrayView<uint> from, int sixteen, int half) =>
        MmaFragments<TForm>.Fragment(from, sixteen, half);

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
