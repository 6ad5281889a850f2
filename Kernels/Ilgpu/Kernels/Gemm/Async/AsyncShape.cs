namespace AutogradCore.Kernels.Ilgpu;

/// <summary>How much of C a group computes, and for how many rounds it has room, known when the kernel is compiled.</summary>
internal interface IAsyncShape
{
    /// <summary>Columns of C per group, 128 or 256; rows are always <see cref="MmaGemm.Block"/>.</summary>
    static abstract int Columns { get; }

    /// <summary>Rounds in shared memory: one that is multiplied, the others on their way.</summary>
    static abstract int Rounds { get; }

    /// <summary>Waits until all copies but those of the last <see cref="Rounds"/> - 2 rounds are there.</summary>
    static abstract void Wait();
}

/// <summary>128x128 and three rounds: 48 KiB, which every launch may have.</summary>
[LaunchBounds(MmaGemm.Lanes, groups: 2)]
internal readonly struct SquareInThree : IAsyncShape
{
    public static int Columns => 128;

    public static int Rounds => 3;

    public static void Wait() => AsyncCopy.WaitForAllButOne();
}

/// <summary>128x256 and four rounds: 96 KiB, for devices that lend as much.</summary>
internal readonly struct WideInFour : IAsyncShape
{
    public static int Columns => 256;

    public static int Rounds => 4;

    public static void Wait() => AsyncCopy.WaitForAllButTwo();
}

/// <summary>The measures of <see cref="AsyncMmaGemmKernel{TOp, TFactor, TFormat, TStored, TStorage, TShape, TA, TB}"/>.</summary>
internal static class AsyncGemm<TShape> where TShape : struct, IAsyncShape
{
    /// <summary>Words of one round: both panels.</summary>
    public static int Round => (MmaGemm.Block + TShape.Columns) * MmaGemm.Words;

    /// <summary>Words of all rounds.</summary>
    public static int All => TShape.Rounds * Round;

    /// <summary>The dynamic shared memory of a group.</summary>
    public static int Bytes => All * sizeof(uint);
}
