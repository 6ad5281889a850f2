namespace AutogradCore.Kernels.Ilgpu;

/// <content>Rows on their way from global to shared memory as they are, 16 bytes at a time, past the registers.</content>
internal static partial class AttentionMma<TWidth, TFormat, TStaging>
{
    /// <summary>Elements in 16 bytes.</summary>
    private static int Together => 4 * TFormat.PerWord;

    private static int SixteensPerRow => Words / 4;

    private static int RowsPerCopy => AttentionMma.Lanes / SixteensPerRow;

    /// <summary>Starts the copies of a block, if the walk has one there, and makes a group of them in any case: waits count
    /// groups.</summary>
    private static void Copy<TStored, TStorage>(ArrayView<Words4> shared, int block, AttentionRows<TStored, TStorage> partners,
        AttentionRows<TStored, TStorage> mixed, int first, int end, AttentionMmaColumns columns)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        if (first < end)
        {
            CopyPanel(shared, block, partners, first);
            CopyPanel(shared, block + Mixed, mixed, first);
            Copy(shared, block, columns, first);
        }
        AsyncCopy.Commit();
    }

    /// <summary>Starts the copies of 32 rows to a word, zeros outside.</summary>
    private static void CopyPanel<TStored, TStorage>(
        ArrayView<Words4> shared, int at, AttentionRows<TStored, TStorage> rows, int first)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        int to = CopyTarget(at), d = (Group.IdxX & (SixteensPerRow - 1)) * Together, row = first + Group.IdxX / SixteensPerRow;
        int next = RowsPerCopy * Pitch / 4;
        Copy(shared, to, rows, row, d);
        Copy(shared, to + next, rows, row + RowsPerCopy, d);
        if (SixteensPerRow == 8) return;
        Copy(shared, to + 2 * next, rows, row + 2 * RowsPerCopy, d);
        Copy(shared, to + 3 * next, rows, row + 3 * RowsPerCopy, d);
    }

    private static void Copy<TStored, TStorage>(
        ArrayView<Words4> shared, int to, AttentionRows<TStored, TStorage> rows, int row, int d)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        bool exists = row < rows.Count && d < rows.Size;
        int from = (int)(rows.Start / Together) + row * (rows.Stride / Together) + d / Together;
        AsyncCopy.Sixteen(shared, to, rows.X, exists ? from : 0, exists ? 16 : 0);
    }

    /// <summary>Which 16 bytes this lane copies first, of a panel at a word.</summary>
    private static int CopyTarget(int at) =>
        at / 4 + Group.IdxX / SixteensPerRow * (Pitch / 4) + (Group.IdxX & (SixteensPerRow - 1));

    /// <summary>What <see cref="StageInner"/> does where the mask hides something, of what this lane has copied: it was waited
    /// for, and nobody else reads it before the next barrier.</summary>
    private static void Spare(ArrayView<Words4> shared, int block, bool mixesBoth)
    {
        int at = CopyTarget(block);
        for (int row = 0; row < AttentionMma.Inner; row += RowsPerCopy)
        {
            Words4 p = shared[at], m = shared[at + Mixed / 4], held = Held(m);
            shared[at] = mixesBoth ? Both(p, Held(p)) : Either(p, Other(held));
            shared[at + Mixed / 4] = Both(m, held);
            at += RowsPerCopy * Pitch / 4;
        }
    }

    /// <summary>Ones where elements are finite, zeros elsewhere.</summary>
    private static Words4 Held(Words4 x) => new() { X = Held(x.X), Y = Held(x.Y), Z = Held(x.Z), W = Held(x.W) };

    /// <summary>An exponent of ones is that of infinities and NaN.</summary>
    private static uint Held(uint two) =>
        ((two & 0x7f80) == 0x7f80 ? 0 : 0xffffu) | ((two & 0x7f800000) == 0x7f800000 ? 0 : 0xffff0000);

    private static Words4 Both(Words4 x, Words4 y) => new() { X = x.X & y.X, Y = x.Y & y.Y, Z = x.Z & y.Z, W = x.W & y.W };

    /// <summary>Ones are NaN.</summary>
    private static Words4 Either(Words4 x, Words4 y) => new() { X = x.X | y.X, Y = x.Y | y.Y, Z = x.Z | y.Z, W = x.W | y.W };

    private static Words4 Other(Words4 x) => new() { X = ~x.X, Y = ~x.Y, Z = ~x.Z, W = ~x.W };
}
