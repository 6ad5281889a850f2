namespace AutogradCore.Kernels.Ilgpu;

/// <summary>How panels of bf16 lie in shared memory, 128 by 32 steps of K, and the fragments of tensor cores in them.</summary>
/// <remarks>A panel keeps the orientation that its factor has in global memory, so that both sides move 8 or 16 bytes at a time:
/// [outer][depth] rows are 20 words apart, [depth][outer] rows 68: 8 rows of 16 bytes then lie in 32 different banks, which is
/// what a matrix load reads at once. A lane works out its places once; from there on they are constants apart.</remarks>
internal static class MmaFragments<TForm> where TForm : struct, IMmaForm
{
    /// <summary>Words from a row to the next: rows of A or columns of B.</summary>
    public const int Pitch = MmaGemm.Words + 4;

    /// <summary>Words from a row to the next, where rows are steps of K.</summary>
    public const int PitchAcross = (MmaGemm.Block + 8) / 2;

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
    /// <param name="from">The words from <see cref="Source"/> on, within the present panel.</param>
    /// <param name="sixteen">How many times 16 rows or columns further.</param>
    /// <param name="half">Which 8 words of K.</param>
    public static Words4 Fragment(ArrayView<uint> from, int sixteen, int half) => TForm.IsAlongDepth
        ? TensorCore.Load(from, sixteen * 16 * Pitch + half * 8)
        : TensorCore.LoadTransposed(from, sixteen * 8 + half * 16 * PitchAcross);
}
