namespace AutogradCore.Kernels.Ilgpu;

/// <content>Blocks of inner rows: sent for early, and there when they are multiplied.</content>
internal static partial class AttentionMma<TWidth, TFormat, TStaging>
{
    /// <summary>Sends for the first blocks of a walk from a row up to <paramref name="end"/>: one, or two that are copied. Nobody
    /// need have left the block multiplied last.</summary>
    public static void Send<TStored, TStorage>(ref AttentionMmaAhead ahead, ArrayView<Words4> shared,
        AttentionRows<TStored, TStorage> partners, AttentionRows<TStored, TStorage> mixed, int first, int end,
        AttentionMmaColumns columns = default)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        if (TStaging.CopiesAhead)
        {
            Copy(shared, ahead.Block, partners, mixed, first, end, columns);
            Copy(shared, After(ahead.Block), partners, mixed, first + AttentionMma.Inner, end, columns);
        }
        else if (SendsAhead) Load(ref ahead, partners, mixed, first, 0);
    }

    /// <summary>Sees to it that a block of 32 rows is there for all, and sends for a later one; gives the word where it lies:
    /// partners, then mixed rows. Where the mask <paramref name="hides"/> some of them from some outer rows, a mixed element that
    /// is not finite becomes 0, and its partner NaN: an outer row that sees it becomes NaN by the partner, and one that does not
    /// is spared 0·NaN. Where the partners are mixed too, what is not finite becomes 0 in both, and the caller sees to the outer
    /// rows that see it.</summary>
    public static int Arrive<TStored, TStorage>(ref AttentionMmaAhead ahead, ArrayView<Words4> shared,
        AttentionRows<TStored, TStorage> partners, AttentionRows<TStored, TStorage> mixed, int first, int end, bool hides,
        AttentionMmaColumns columns = default, bool mixesBoth = false)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        int block = ahead.Block, next = first + AttentionMma.Inner;
        if (TStaging.CopiesAhead)
        {
            AsyncCopy.WaitForAllButOne();
            if (hides) Spare(shared, block, mixesBoth);
            Group.Barrier();
            ahead.Block = After(block);
            Copy(shared, After(ahead.Block), partners, mixed, next + AttentionMma.Inner, end, columns);
            return block;
        }
        Group.Barrier();
        StageInner(shared, ahead, partners, mixed, first, hides, mixesBoth);
        Group.Barrier();
        if (SendsAhead && next < end) Load(ref ahead, partners, mixed, next, 0);
        return 0;
    }

    private static int After(int block) => block + Block == Blocks * Block ? 0 : block + Block;
}

/// <summary>What of later blocks a lane knows while one is multiplied.</summary>
internal struct AttentionMmaAhead
{
    /// <summary>What it carries of the next block, through registers.</summary>
    public MmaStage Partners, Mixed;

    /// <summary>The word where the next block arrives that is copied; it goes round.</summary>
    public int Block;
}
