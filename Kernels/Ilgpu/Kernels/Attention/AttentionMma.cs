namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The two products of attention on tensor cores, for four warps that own sixteen rows ("outer") each and walk together
/// over blocks of 32 others ("inner").</summary>
/// <remarks>
/// Rows are rounded to bf16 on their way into shared memory, [row][feature], 68 words apart (36 in narrow heads), so that matrix
/// loads meet no bank conflicts in either direction. A block of inner rows is two panels: those that are mixed, and their
/// partners that are only multiplied. Weights never leave the registers: a product's fragments are the next product's left
/// factor. The next block's rows are sent for before the present one is multiplied.
/// </remarks>
internal static class AttentionMma<TWidth> where TWidth : struct, IAttentionWidth
{
    /// <summary>Words from one row to the next.</summary>
    public static int Pitch => TWidth.IsWide ? 68 : 36;

    /// <summary>Where the mixed rows stand; their partners stand before them.</summary>
    public static int Mixed => AttentionMma.Inner * Pitch;

    /// <summary>Where outer rows stand that do not fit into registers.</summary>
    public static int Outer => 2 * AttentionMma.Inner * Pitch;

    private static int QuadsPerRow => TWidth.IsWide ? 32 : 16;

    private static int RowsPerPass => AttentionMma.Lanes / QuadsPerRow;

    /// <summary>Stages 64 outer rows at a word.</summary>
    public static void StageOuter<TStored, TStorage>(
        ArrayView<Words4> shared, int at, AttentionRows<TStored, TStorage> rows, int first)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        bool areWhole = rows.AreWhole(first, AttentionMma.Outer, 4 * QuadsPerRow);
        for (int done = 0; done < AttentionMma.Outer; done += 4 * RowsPerPass)
            Store(shared, at, done, Load(rows, first + done, areWhole));
    }

    /// <summary>Sends for inner rows before they are staged: all 32, or the first sixteen of wide heads.</summary>
    public static AttentionMmaAhead Ahead<TStored, TStorage>(
        AttentionRows<TStored, TStorage> partners, AttentionRows<TStored, TStorage> mixed, int first)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored> =>
        Load(partners, mixed, first, 0);

    /// <summary>Stages 32 rows that will be mixed, and their partners. Where the mask <paramref name="hides"/> some of them from
    /// some outer rows, a mixed element that is not finite becomes 0, and its partner NaN: an outer row that sees it becomes NaN
    /// by the partner, and one that does not is spared 0·NaN. Where the partners are mixed too, what is not finite becomes 0 in
    /// both, and the caller sees to the outer rows that see it.</summary>
    public static void StageInner<TStored, TStorage>(ArrayView<Words4> shared, AttentionMmaAhead ahead,
        AttentionRows<TStored, TStorage> partners, AttentionRows<TStored, TStorage> mixed, int first, bool hides,
        bool mixesBoth = false)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        Store(shared, 0, ahead, hides, mixesBoth);
        if (TWidth.IsWide) Store(shared, 4 * RowsPerPass, Load(partners, mixed, first, 4 * RowsPerPass), hides, mixesBoth);
    }

    /// <summary>Where this lane reads fragments of its warp's sixteen of the outer rows staged at a word.</summary>
    public static int OuterSource(int at)
    {
        int lane = Group.IdxX & 31;
        return at + ((Group.IdxX >> 5) * 16 + (lane & 15)) * Pitch + (lane >> 4) * 4;
    }

    /// <summary>The warp's fragments, all features.</summary>
    public static AttentionMmaRows Load(ArrayView<uint> shared, int source)
    {
        AttentionMmaRows rows = default;
        rows.F0 = TensorCore.Load(shared, source);
        rows.F1 = TensorCore.Load(shared, source + 8);
        rows.F2 = TensorCore.Load(shared, source + 16);
        rows.F3 = TensorCore.Load(shared, source + 24);
        if (!TWidth.IsWide) return rows;
        rows.F4 = TensorCore.Load(shared, source + 32);
        rows.F5 = TensorCore.Load(shared, source + 40);
        rows.F6 = TensorCore.Load(shared, source + 48);
        rows.F7 = TensorCore.Load(shared, source + 56);
        return rows;
    }

    /// <summary>The products of the warp's outer rows, in registers, with 32 inner rows staged at a word.</summary>
    public static AttentionMmaTile Dots(AttentionMmaRows outer, ArrayView<uint> shared, int at)
    {
        int source = InnerSource(at);
        AttentionMmaTile tile = default;
        Dot(ref tile, outer.F0, shared, source);
        Dot(ref tile, outer.F1, shared, source + 8);
        Dot(ref tile, outer.F2, shared, source + 16);
        Dot(ref tile, outer.F3, shared, source + 24);
        if (!TWidth.IsWide) return tile;
        Dot(ref tile, outer.F4, shared, source + 32);
        Dot(ref tile, outer.F5, shared, source + 40);
        Dot(ref tile, outer.F6, shared, source + 48);
        Dot(ref tile, outer.F7, shared, source + 56);
        return tile;
    }

    /// <summary>As <see cref="Dots(AttentionMmaRows, ArrayView{uint}, int)"/>, of outer rows in shared memory.</summary>
    public static AttentionMmaTile Dots(int outerSource, ArrayView<uint> shared, int at)
    {
        int source = InnerSource(at);
        AttentionMmaTile tile = default;
        for (int word = 0; word < (TWidth.IsWide ? 64 : 32); word += 16)
        {
            Dot(ref tile, TensorCore.Load(shared, outerSource + word), shared, source + word);
            Dot(ref tile, TensorCore.Load(shared, outerSource + word + 8), shared, source + word + 8);
        }
        return tile;
    }

    /// <summary>sums += weights·inner rows staged at a word; the weights are rounded to bf16.</summary>
    public static void Mix(ref AttentionMmaSums sums, AttentionMmaTile weights, ArrayView<uint> shared, int at)
    {
        int lane = Group.IdxX & 31, source = at + (lane & 15) * Pitch + (lane >> 4) * 4, below = source + 16 * Pitch;
        Words4 upper = Left(weights.C0, weights.C1), lower = Left(weights.C2, weights.C3);
        Mix(ref sums.S0, ref sums.S1, upper, lower, shared, source, below);
        Mix(ref sums.S2, ref sums.S3, upper, lower, shared, source + 8, below + 8);
        Mix(ref sums.S4, ref sums.S5, upper, lower, shared, source + 16, below + 16);
        Mix(ref sums.S6, ref sums.S7, upper, lower, shared, source + 24, below + 24);
        if (!TWidth.IsWide) return;
        Mix(ref sums.S8, ref sums.S9, upper, lower, shared, source + 32, below + 32);
        Mix(ref sums.S10, ref sums.S11, upper, lower, shared, source + 40, below + 40);
        Mix(ref sums.S12, ref sums.S13, upper, lower, shared, source + 48, below + 48);
        Mix(ref sums.S14, ref sums.S15, upper, lower, shared, source + 56, below + 56);
    }

    /// <summary>Where this lane reads fragments of inner rows as columns of the right factor.</summary>
    private static int InnerSource(int at)
    {
        int lane = Group.IdxX & 31;
        return at + ((lane >> 4) * 8 + (lane & 7)) * Pitch + ((lane >> 3) & 1) * 4;
    }

    /// <summary>Sixteen features of sixteen outer and 32 inner rows.</summary>
    private static void Dot(ref AttentionMmaTile tile, Words4 outer, ArrayView<uint> shared, int source)
    {
        Words4 b01 = TensorCore.Load(shared, source), b23 = TensorCore.Load(shared, source + 16 * Pitch);
        tile.C0 = TensorCore.MultiplyBFloat16(tile.C0, outer, new() { X = b01.X, Y = b01.Y });
        tile.C1 = TensorCore.MultiplyBFloat16(tile.C1, outer, new() { X = b01.Z, Y = b01.W });
        tile.C2 = TensorCore.MultiplyBFloat16(tile.C2, outer, new() { X = b23.X, Y = b23.Y });
        tile.C3 = TensorCore.MultiplyBFloat16(tile.C3, outer, new() { X = b23.Z, Y = b23.W });
    }

    /// <summary>Sixteen features of 32 inner rows.</summary>
    private static void Mix(ref Quad<float> left, ref Quad<float> right, Words4 upper, Words4 lower,
        ArrayView<uint> shared, int source, int below)
    {
        Words4 b = TensorCore.LoadTransposed(shared, source), c = TensorCore.LoadTransposed(shared, below);
        left = TensorCore.MultiplyBFloat16(left, upper, new() { X = b.X, Y = b.Y });
        right = TensorCore.MultiplyBFloat16(right, upper, new() { X = b.Z, Y = b.W });
        left = TensorCore.MultiplyBFloat16(left, lower, new() { X = c.X, Y = c.Y });
        right = TensorCore.MultiplyBFloat16(right, lower, new() { X = c.Z, Y = c.W });
    }

    /// <summary>Two products side by side as a left factor: lanes hold the same places of both.</summary>
    private static Words4 Left(Quad<float> first, Quad<float> second) => new()
    {
        X = TensorCore.ToBFloat16(first.X, first.Y),
        Y = TensorCore.ToBFloat16(first.Z, first.W),
        Z = TensorCore.ToBFloat16(second.X, second.Y),
        W = TensorCore.ToBFloat16(second.Z, second.W),
    };

    /// <summary>The lane's first row and feature of those that four passes of the group read.</summary>
    private static int Row => Group.IdxX / QuadsPerRow;

    private static int Feature => (Group.IdxX & (QuadsPerRow - 1)) * 4;

    /// <summary>Four passes over rows, all of their loads under way together.</summary>
    private static MmaStage Load<TStored, TStorage>(AttentionRows<TStored, TStorage> rows, int first, bool areWhole)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        MmaStage stage = default;
        if (areWhole)
        {
            long i = rows.QuadAt(first + Row, Feature), step = (long)RowsPerPass * (rows.Stride >> 2);
            stage.Q0 = rows.Whole(i);
            stage.Q1 = rows.Whole(i + step);
            stage.Q2 = rows.Whole(i + 2 * step);
            stage.Q3 = rows.Whole(i + 3 * step);
        }
        else
        {
            stage.Q0 = rows.Four(first + Row, Feature);
            stage.Q1 = rows.Four(first + Row + RowsPerPass, Feature);
            stage.Q2 = rows.Four(first + Row + 2 * RowsPerPass, Feature);
            stage.Q3 = rows.Four(first + Row + 3 * RowsPerPass, Feature);
        }
        return stage;
    }

    private static AttentionMmaAhead Load<TStored, TStorage>(
        AttentionRows<TStored, TStorage> partners, AttentionRows<TStored, TStorage> mixed, int first, int row)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        bool areWhole = partners.AreWhole(first, AttentionMma.Inner, 4 * QuadsPerRow)
            && mixed.AreWhole(first, AttentionMma.Inner, 4 * QuadsPerRow);
        return new() { Partners = Load(partners, first + row, areWhole), Mixed = Load(mixed, first + row, areWhole) };
    }

    private static void Store(ArrayView<Words4> shared, int row, AttentionMmaAhead ahead, bool hides, bool mixesBoth)
    {
        MmaStage p = ahead.Partners, m = ahead.Mixed;
        if (hides)
        {
            if (mixesBoth)
            {
                p = Finite(p);
            }
            else
            {
                (p.Q0, p.Q1) = (Poisoned(p.Q0, m.Q0), Poisoned(p.Q1, m.Q1));
                (p.Q2, p.Q3) = (Poisoned(p.Q2, m.Q2), Poisoned(p.Q3, m.Q3));
            }
            m = Finite(m);
        }
        Store(shared, 0, row, p);
        Store(shared, Mixed, row, m);
    }

    /// <summary>Rounds them into shared memory.</summary>
    private static void Store(ArrayView<Words4> shared, int at, int row, MmaStage stage)
    {
        int to = at + (row + Row) * Pitch + (Feature >> 1);
        BFloat16Format.Store(shared, to, stage.Q0);
        BFloat16Format.Store(shared, to + RowsPerPass * Pitch, stage.Q1);
        BFloat16Format.Store(shared, to + 2 * RowsPerPass * Pitch, stage.Q2);
        BFloat16Format.Store(shared, to + 3 * RowsPerPass * Pitch, stage.Q3);
    }

    private static MmaStage Finite(MmaStage x) =>
        new() { Q0 = Finite(x.Q0), Q1 = Finite(x.Q1), Q2 = Finite(x.Q2), Q3 = Finite(x.Q3) };

    private static Quad<float> Finite(Quad<float> x) =>
        new() { X = Finite(x.X), Y = Finite(x.Y), Z = Finite(x.Z), W = Finite(x.W) };

    private static float Finite(float x) => float.IsFinite(x) ? x : 0;

    private static Quad<float> Poisoned(Quad<float> x, Quad<float> by) => new()
    {
        X = float.IsFinite(by.X) ? x.X : float.NaN,
        Y = float.IsFinite(by.Y) ? x.Y : float.NaN,
        Z = float.IsFinite(by.Z) ? x.Z : float.NaN,
        W = float.IsFinite(by.W) ? x.W : float.NaN,
    };
}

/// <summary>What a lane carries of a block of inner rows while the block before is multiplied.</summary>
internal struct AttentionMmaAhead
{
    public MmaStage Partners, Mixed;
}

/// <summary>The measures of <see cref="AttentionMma{TWidth}"/>.</summary>
internal static class AttentionMma
{
    /// <summary>Rows that a group owns.</summary>
    public const int Outer = 64;

    /// <summary>Rows that are staged at a time.</summary>
    public const int Inner = 32;

    /// <summary>Lanes per group.</summary>
    public const int Lanes = 128;
}
