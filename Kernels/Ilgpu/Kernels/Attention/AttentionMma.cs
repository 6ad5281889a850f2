namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The two products of attention on tensor cores, for four warps that own sixteen rows ("outer") each and walk together
/// over blocks of 32 others ("inner").</summary>
/// <remarks>
/// Rows lie in shared memory in the format, [row][feature], four words more than they hold apart, so that matrix loads meet no
/// bank conflicts in either direction. A block of inner rows is two panels: those that are mixed, and their partners that are
/// only multiplied. Weights never leave the registers: a product's fragments are the next product's left factor.
/// Rows come in one of two ways. Through registers they are rounded: there is one block, between two barriers, and the next one's
/// rows are sent for before it is multiplied. What needs no rounding is copied past the registers (<c>cp.async</c>): there are
/// three blocks, one multiplied and two on their way. A round is then: wait until the lane's own copies of the oldest are there;
/// replace among them what the mask makes harmful; one barrier, after which everyone's are there, and after which nobody reads
/// the block before any more; start copies in its place; multiply. Both ways give the same bits.
/// </remarks>
/// <typeparam name="TWidth">How many features heads have.</typeparam>
/// <typeparam name="TFormat">What factors are rounded to: two features a word, or one.</typeparam>
/// <typeparam name="TStaging">How inner rows come.</typeparam>
internal static partial class AttentionMma<TWidth, TFormat, TStaging>
    where TWidth : struct, IAttentionWidth
    where TFormat : struct, IMmaFormat
    where TStaging : struct, IAttentionStaging
{
    /// <summary>Words from one row to the next.</summary>
    public static int Pitch => Words + 4;

    /// <summary>Where the mixed rows of a block stand; their partners stand before them.</summary>
    public static int Mixed => AttentionMma.Inner * Pitch;

    /// <summary>Words of a block, or of 64 outer rows.</summary>
    private static int Block => 2 * AttentionMma.Inner * Pitch;

    /// <summary>Blocks in shared memory.</summary>
    private static int Blocks => TStaging.CopiesAhead ? 3 : 1;

    /// <summary>Where outer rows are staged until they are in registers: in the block that is filled last.</summary>
    private static int Outer => (Blocks - 1) * Block;

    /// <summary>Where outer rows stand that do not fit into registers.</summary>
    private static int Second => Blocks * Block;

    /// <summary>The dynamic shared memory of a group.</summary>
    public static int Bytes => Blocks * Block * sizeof(uint);

    /// <summary>The same with room for the second outer rows where that is held.</summary>
    public static int BytesOfTwo => HoldsSecond ? Bytes + Block * sizeof(uint) : Bytes;

    /// <summary>Whether a second set of outer rows is held in shared memory; wide heads in TF32 would need 67 KB.</summary>
    private static bool HoldsSecond => !TWidth.IsWide || TFormat.PerWord > 1;

    /// <summary>Words of a row.</summary>
    private static int Words => (TWidth.IsWide ? 128 : 64) / TFormat.PerWord;

    /// <summary>Where this lane reads fragments of its warp's sixteen of the outer rows staged at a word.</summary>
    private static int OuterSource(int at)
    {
        int lane = Group.IdxX & 31;
        return at + ((Group.IdxX >> 5) * 16 + (lane & 15)) * Pitch + (lane >> 4) * 4;
    }

    /// <summary>The warp's fragments of the first outer rows, all features, once all that was staged is there.</summary>
    public static AttentionMmaRows LoadOuter(ArrayView<uint> shared)
    {
        ArrayView<uint> own = shared.SubView(OuterSource(Outer));
        if (TStaging.CopiesAhead) AsyncCopy.WaitForAll();
        Group.Barrier();
        AttentionMmaRows rows = default;
        rows.F0 = TensorCore.Load(own, 0);
        rows.F1 = TensorCore.Load(own, 8);
        rows.F2 = TensorCore.Load(own, 16);
        rows.F3 = TensorCore.Load(own, 24);
        if (Words == 32) return rows;
        rows.F4 = TensorCore.Load(own, 32);
        rows.F5 = TensorCore.Load(own, 40);
        rows.F6 = TensorCore.Load(own, 48);
        rows.F7 = TensorCore.Load(own, 56);
        if (Words == 64) return rows;
        rows.F8 = TensorCore.Load(own, 64);
        rows.F9 = TensorCore.Load(own, 72);
        rows.F10 = TensorCore.Load(own, 80);
        rows.F11 = TensorCore.Load(own, 88);
        rows.F12 = TensorCore.Load(own, 96);
        rows.F13 = TensorCore.Load(own, 104);
        rows.F14 = TensorCore.Load(own, 112);
        rows.F15 = TensorCore.Load(own, 120);
        return rows;
    }

    /// <summary>The products of the warp's outer rows, in registers, with 32 inner rows staged at a word.</summary>
    public static AttentionMmaTile Dots(AttentionMmaRows outer, ArrayView<uint> shared, int at)
    {
        ArrayView<uint> own = shared.SubView(InnerSource(at));
        AttentionMmaTile tile = default;
        Dot(ref tile, outer.F0, own, 0);
        Dot(ref tile, outer.F1, own, 8);
        Dot(ref tile, outer.F2, own, 16);
        Dot(ref tile, outer.F3, own, 24);
        if (Words == 32) return tile;
        Dot(ref tile, outer.F4, own, 32);
        Dot(ref tile, outer.F5, own, 40);
        Dot(ref tile, outer.F6, own, 48);
        Dot(ref tile, outer.F7, own, 56);
        if (Words == 64) return tile;
        Dot(ref tile, outer.F8, own, 64);
        Dot(ref tile, outer.F9, own, 72);
        Dot(ref tile, outer.F10, own, 80);
        Dot(ref tile, outer.F11, own, 88);
        Dot(ref tile, outer.F12, own, 96);
        Dot(ref tile, outer.F13, own, 104);
        Dot(ref tile, outer.F14, own, 112);
        Dot(ref tile, outer.F15, own, 120);
        return tile;
    }

    /// <summary>As <see cref="Dots(AttentionMmaRows, ArrayView{uint}, int)"/>, of the second outer rows, which
    /// <see cref="StageSecond"/> staged, or which still lie in global memory.</summary>
    /// <param name="second">All of the second outer rows.</param>
    /// <param name="row">The lane's first of them, and eight further its other one.</param>
    /// <param name="shared">Where inner rows are.</param>
    /// <param name="at">The first of them.</param>
    public static AttentionMmaTile DotsOfSecond<TStored, TStorage>(
        AttentionRows<TStored, TStorage> second, int row, ArrayView<uint> shared, int at)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        int source = InnerSource(at), outer = OuterSource(Second);
        AttentionMmaTile tile = default;
        for (int word = 0; word < Words; word += 16)
        {
            ArrayView<uint> own = shared.SubView(source + word);
            if (HoldsSecond)
            {
                ArrayView<uint> held = shared.SubView(outer + word);
                Dot(ref tile, TensorCore.Load(held, 0), own, 0);
                Dot(ref tile, TensorCore.Load(held, 8), own, 8);
            }
            else
            {
                Dot(ref tile, Across(second, row, word), own, 0);
                Dot(ref tile, Across(second, row, word + 8), own, 8);
            }
        }
        return tile;
    }

    /// <summary>This lane's part of a fragment in TF32 of sixteen rows from global memory, eight features from
    /// <paramref name="d"/> on.</summary>
    private static Words4 Across<TStored, TStorage>(AttentionRows<TStored, TStorage> rows, int row, int d)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        d += Group.IdxX & 3;
        return new()
        {
            X = TensorCore.ToTensorFloat32(rows.One(row, d)),
            Y = TensorCore.ToTensorFloat32(rows.One(row + 8, d)),
            Z = TensorCore.ToTensorFloat32(rows.One(row, d + 4)),
            W = TensorCore.ToTensorFloat32(rows.One(row + 8, d + 4)),
        };
    }

    /// <summary>Where this lane reads fragments of inner rows as columns of the right factor.</summary>
    private static int InnerSource(int at)
    {
        int lane = Group.IdxX & 31;
        return at + ((lane >> 4) * 8 + (lane & 7)) * Pitch + ((lane >> 3) & 1) * 4;
    }

    /// <summary>Eight words of features of sixteen outer and 32 inner rows.</summary>
    private static void Dot(ref AttentionMmaTile tile, Words4 outer, ArrayView<uint> own, int word)
    {
        Words4 b01 = TensorCore.Load(own, word), b23 = TensorCore.Load(own, word + 16 * Pitch);
        tile.C0 = TFormat.Multiply(tile.C0, outer, new() { X = b01.X, Y = b01.Y });
        tile.C1 = TFormat.Multiply(tile.C1, outer, new() { X = b01.Z, Y = b01.W });
        tile.C2 = TFormat.Multiply(tile.C2, outer, new() { X = b23.X, Y = b23.Y });
        tile.C3 = TFormat.Multiply(tile.C3, outer, new() { X = b23.Z, Y = b23.W });
    }
}

/// <summary>The measures of <see cref="AttentionMma{TWidth, TFormat, TStaging}"/>.</summary>
internal static class AttentionMma
{
    /// <summary>Rows that a group owns.</summary>
    public const int Outer = 64;

    /// <summary>Rows that are staged at a time.</summary>
    public const int Inner = 32;

    /// <summary>Lanes per group.</summary>
    public const int Lanes = 128;
}
