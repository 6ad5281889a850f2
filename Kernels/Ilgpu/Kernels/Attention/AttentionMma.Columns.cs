namespace AutogradCore.Kernels.Ilgpu;

/// <content>Log-sums, in two floats, and deltas of queries that are inner rows. They come as the rows do: read where they are
/// needed, or copied ahead into the gap behind the row of the partner: shift, rest, delta.</content>
internal static partial class AttentionMma<TWidth, TFormat, TStaging>
{
    /// <summary>The shifts of the lane's columns in each fragment of a block.</summary>
    public static AttentionMmaTile Shifts(ArrayView<uint> shared, AttentionMmaColumns columns, int block, int first) =>
        Column(shared, columns.Shifts, columns, block + Words, first);

    /// <summary>What those lack.</summary>
    public static AttentionMmaTile Rests(ArrayView<uint> shared, AttentionMmaColumns columns, int block, int first) =>
        Column(shared, columns.Rests, columns, block + Words + 1, first);

    /// <summary>The deltas of the lane's columns in each fragment of a block.</summary>
    public static AttentionMmaTile Deltas(ArrayView<uint> shared, AttentionMmaColumns columns, int block, int first) =>
        Column(shared, columns.Deltas, columns, block + Words + 2, first);

    private static AttentionMmaTile Column(
        ArrayView<uint> shared, ArrayView<float> from, AttentionMmaColumns columns, int at, int first)
    {
        int column = AttentionMmaTile.Column;
        if (TStaging.CopiesAhead)
        {
            ArrayView<uint> own = shared.SubView(at + column * Pitch);
            return new()
            {
                C0 = Two(own, 0),
                C1 = Two(own, 8 * Pitch),
                C2 = Two(own, 16 * Pitch),
                C3 = Two(own, 24 * Pitch),
            };
        }
        int i = first + column;
        return new()
        {
            C0 = Two(from, columns, i),
            C1 = Two(from, columns, i + 8),
            C2 = Two(from, columns, i + 16),
            C3 = Two(from, columns, i + 24),
        };
    }

    private static Quad<float> Two(ArrayView<uint> shared, int at) =>
        Two(BitConverter.Int32BitsToSingle((int)shared[at]), BitConverter.Int32BitsToSingle((int)shared[at + Pitch]));

    /// <summary>Zeros from the end on.</summary>
    private static Quad<float> Two(ArrayView<float> from, AttentionMmaColumns columns, int i) => Two(
        i < columns.End ? from[columns.Start + i] : 0, i + 1 < columns.End ? from[columns.Start + i + 1] : 0);

    /// <summary>Two neighbours, for both rows of a fragment.</summary>
    private static Quad<float> Two(float left, float right) => new() { X = left, Y = right, Z = left, W = right };

    /// <summary>Starts the copies of a block's shifts, rests and deltas, those of a row by a lane of the first warp, zeros
    /// from the end on.</summary>
    private static void Copy(ArrayView<Words4> shared, int block, AttentionMmaColumns columns, int first)
    {
        if (columns.IsUsed == 0 || Group.IdxX >= AttentionMma.Inner) return;
        int to = block + Group.IdxX * Pitch + Words, i = first + Group.IdxX, bytes = i < columns.End ? 4 : 0;
        int from = bytes > 0 ? (int)columns.Start + i : 0;
        AsyncCopy.Four(shared.Cast<uint>(), to, columns.Shifts, from, bytes);
        AsyncCopy.Four(shared.Cast<uint>(), to + 1, columns.Rests, from, bytes);
        if (columns.HasDeltas != 0) AsyncCopy.Four(shared.Cast<uint>(), to + 2, columns.Deltas, from, bytes);
    }
}

/// <summary>What belongs to the queries of a head when they are columns.</summary>
internal struct AttentionMmaColumns
{
    public ArrayView<float> Shifts, Rests, Deltas;

    /// <summary>Where those of the first query stand.</summary>
    public long Start;

    /// <summary>How many queries there are.</summary>
    public int End;

    /// <summary>Whether a kernel reads them, and the deltas among them.</summary>
    public int IsUsed, HasDeltas;
}
