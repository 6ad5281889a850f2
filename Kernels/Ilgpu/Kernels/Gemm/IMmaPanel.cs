namespace AutogradCore.Kernels.Ilgpu;

/// <summary>How a panel of one factor, 128 by 32 steps of K, comes from global memory through registers to shared memory, bf16
/// there, and from there into fragments.</summary>
/// <typeparam name="TFactor">What the factor is in global memory.</typeparam>
/// <typeparam name="TStage">What a lane carries of a panel.</typeparam>
internal interface IMmaPanel<TFactor, TStage>
    where TFactor : unmanaged
    where TStage : unmanaged
{
    /// <summary>Where this lane's first elements go within a panel, in words.</summary>
    static abstract int Target { get; }

    /// <summary>The elements of this lane, zero outside the matrix.</summary>
    static abstract TStage Load(GemmFactor<TFactor> factor, int at, int outer, int outerEnd, int depth, int depthEnd);

    /// <summary>Puts them into a panel, rounded, the first at word <paramref name="at"/>.</summary>
    static abstract void Store(ArrayView<Words4> panels, int at, TStage stage);

    /// <inheritdoc cref="MmaFragments{TForm}.Source"/>
    static abstract int Source(int outer, bool isLeft);

    /// <inheritdoc cref="MmaFragments{TForm}.Fragment"/>
    static abstract Words4 Fragment(ArrayView<uint> from, int sixteen, int half);
}
