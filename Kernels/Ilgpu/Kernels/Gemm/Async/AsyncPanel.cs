namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A panel of one factor, 128 or 256 ("width") by 16 words of K, copied from global to shared memory as it is, 16 bytes
/// at a time, and read from there as fragments.</summary>
/// <remarks>
/// It keeps the orientation it has in global memory, without gaps: [outer][depth] rows are 16 words, [depth][outer] rows
/// width / <see cref="IMmaFormat.PerWord"/>. Instead, the 16 bytes of a row change places: each one's number is crossed with some
/// bits of the row's, so that what eight lanes read or write at once lies in 32 different banks. Fragments are apart by
/// constants that are added, or crossed, to what a lane worked out once.
/// </remarks>
internal static class AsyncPanel<TFactor, TFormat, TForm>
    where TFactor : unmanaged
    where TFormat : struct, IAsyncFormat<TFactor>
    where TForm : struct, IMmaForm
{
    /// <summary>Elements in 16 bytes.</summary>
    private static int Together => 4 * TFormat.PerWord;

    /// <summary>Which 16 bytes of a panel hold those of number <paramref name="i"/> in a row.</summary>
    public static int Place(int row, int i, int width) => TForm.IsAlongDepth
        ? row * (MmaGemm.Words / 4) + (i ^ ((row >> 1) & 3))
        : row * (width / Together) + (i ^ TFormat.Swizzle(row));

    /// <summary>The first row of A or column of B that this lane copies, of a panel.</summary>
    public static int Outer(int width) =>
        TForm.IsAlongDepth ? Group.IdxX >> 2 : (Group.IdxX & (width / Together - 1)) * Together;

    /// <summary>The first step of K that this lane copies, of a round.</summary>
    public static int Depth(int width) =>
        TForm.IsAlongDepth ? (Group.IdxX & 3) * Together : Group.IdxX / (width / Together);

    /// <summary>Where this lane's first 16 bytes go.</summary>
    public static int Target(int width) => TForm.IsAlongDepth
        ? Place(Outer(width), Depth(width) / Together, width)
        : Place(Depth(width), Outer(width) / Together, width);

    /// <summary>Starts the copies of this lane: every 256th 16 bytes of the panel, zeros outside the matrix.</summary>
    /// <param name="shared">All panels.</param>
    /// <param name="at"><see cref="Target"/>, within the panel to be filled.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="start">Where its matrix starts.</param>
    /// <param name="outer">This lane's first row of A or column of B.</param>
    /// <param name="outerEnd">How many there are.</param>
    /// <param name="depth">This lane's first step of K.</param>
    /// <param name="depthEnd">How many there are.</param>
    /// <param name="width">Rows or columns of the panel.</param>
    public static void Start(ArrayView<Words4> shared, int at, GemmFactor<TFactor> factor, int start, int outer, int outerEnd,
        int depth, int depthEnd, int width)
    {
        int o = TForm.IsAlongDepth ? MmaGemm.Lanes / 4 : 0, d = TForm.IsAlongDepth ? 0 : MmaGemm.Lanes / (width / Together);
        Start(shared, at, factor, start, outer, outerEnd, depth, depthEnd);
        Start(shared, at + MmaGemm.Lanes, factor, start, outer + o, outerEnd, depth + d, depthEnd);
        if (width == MmaGemm.Block) return;
        Start(shared, at + 2 * MmaGemm.Lanes, factor, start, outer + 2 * o, outerEnd, depth + 2 * d, depthEnd);
        Start(shared, at + 3 * MmaGemm.Lanes, factor, start, outer + 3 * o, outerEnd, depth + 3 * d, depthEnd);
    }

    /// <summary>Where this lane reads its part of the fragment that starts at row or column <paramref name="outer"/>, a multiple
    /// of 32: each lane names one row of one of four blocks of 8 rows by 4 words.</summary>
    public static int Source(int outer, int width, bool isLeft)
    {
        if (!TForm.IsAlongDepth) return TFormat.SourceAcross(outer, width, isLeft);
        int lane = Group.IdxX & 31, low = (lane >> 3) & 1, high = lane >> 4;
        return 4 * Place(outer + 8 * (isLeft ? low : high) + (lane & 7), isLeft ? high : low, width);
    }

    /// <summary>Where this lane reads its part of a fragment further on: what depends on the lane, and a constant
    /// beyond.</summary>
    /// <param name="at"><see cref="Source"/>, within the present panel.</param>
    /// <param name="sixteen">How many times 16 rows or columns further, within 32 or 64.</param>
    /// <param name="half">Which 8 words of K.</param>
    /// <param name="width">Rows or columns of the panel.</param>
    public static (int Lane, int Further) FragmentSource(int at, int sixteen, int half, int width) => TForm.IsAlongDepth
        ? (at ^ (8 * half), sixteen * 16 * MmaGemm.Words)
        : (at ^ (sixteen * 16 / TFormat.PerWord), half * 8 * width);

    /// <summary>A's fragment of 16 rows by 8 words (<paramref name="isLeft"/>), or B's two of 8 columns by 8 words: X, Y and Z,
    /// W.</summary>
    public static Words4 Fragment(ArrayView<uint> words, int at, int sixteen, int half, int width, bool isLeft)
    {
        (int lane, int further) = FragmentSource(at, sixteen, half, width);
        return TFormat.Rounded(TForm.IsAlongDepth
            ? TensorCore.Load(words.SubView(lane), further)
            : TFormat.LoadAcross(words, lane, further, width, isLeft));
    }

    /// <summary>One copy of 16 bytes, or four of 4 where floats do not lie side by side at multiples of 16.</summary>
    private static void Start(ArrayView<Words4> shared, int at, GemmFactor<TFactor> factor, int start, int outer, int outerEnd,
        int depth, int depthEnd)
    {
        int along = TForm.IsAlongDepth ? depthEnd - depth : outerEnd - outer;
        int across = TForm.IsAlongDepth ? outerEnd - outer : depthEnd - depth;
        int some = Math.Max(0, Math.Min(along, Together)), bytes = (across > 0 ? some : 0) * (16 / Together);
        int place = start + outer * factor.OuterStride + depth * factor.DepthStride, i = bytes > 0 ? place : 0;
        if (TFormat.PerWord == 2) AsyncCopy.Sixteen(shared, at, factor.X, i >> 3, bytes);
        else if (factor.IsAligned != 0) AsyncCopy.Sixteen(shared, at, factor.X, i >> 2, bytes);
        else
        {
            ArrayView<uint> words = shared.Cast<uint>();
            int step = TForm.IsAlongDepth ? factor.DepthStride : factor.OuterStride;
            AsyncCopy.Four(words, 4 * at, factor.X, i, bytes > 0 ? 4 : 0);
            AsyncCopy.Four(words, 4 * at + 1, factor.X, bytes > 4 ? i + step : 0, bytes > 4 ? 4 : 0);
            AsyncCopy.Four(words, 4 * at + 2, factor.X, bytes > 8 ? i + 2 * step : 0, bytes > 8 ? 4 : 0);
            AsyncCopy.Four(words, 4 * at + 3, factor.X, bytes > 12 ? i + 3 * step : 0, bytes > 12 ? 4 : 0);
        }
    }
}
