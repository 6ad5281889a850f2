namespace AutogradCore.Kernels.Host;

/// <content>Panels: tiles' operands side by side, each step of K together.</content>
internal static unsafe partial class GemmCore<T, TTile>
{
    private const int SlotA = 0, SlotB = 1;

    /// <summary>Elements that op(B):[k,n] takes when it is packed whole.</summary>
    public static nint PackedElements(int n, int k) =>
        PanelAt(n, k, 0, 0) + (Panels(n) * GemmPack.Stride<T>(2 * TTile.Lanes, k % BlockK));

    /// <summary>Packs some panels of op(B) to where they belong among all, block of K after block of K.</summary>
    public static void Pack(in GemmTerm<T> term, int n, T* panels, int first, int end)
    {
        int width = 2 * TTile.Lanes, column = first * width, columns = Math.Min(n, end * width) - column;
        for (int k = 0; k < term.K && columns > 0; k += BlockK)
        {
            int kCount = Math.Min(BlockK, term.K - k);
            T* to = panels + PanelAt(n, k, kCount, first);
            if (term.TransposeB)
                GemmPack.Transpose(term.AtB(k, column), term.Ldb, columns, kCount, to, width);
            else
                GemmPack.Copy(term.AtB(k, column), term.Ldb, columns, kCount, to, width);
        }
    }

    /// <summary>Panels of n columns.</summary>
    public static int Panels(int n) => (n + (2 * TTile.Lanes) - 1) / (2 * TTile.Lanes);

    /// <summary>Where a panel of the block at k starts among all panels: all blocks before are whole.</summary>
    private static nint PanelAt(int n, int k, int kCount, int panel)
    {
        int width = 2 * TTile.Lanes;
        return (k / BlockK * Panels(n) * GemmPack.Stride<T>(width, BlockK)) + (panel * GemmPack.Stride<T>(width, kCount));
    }

    private static T* PackA(in GemmTerm<T> term, int row, int rows, int k, int kCount, Scratch scratch)
    {
        int height = TTile.Rows;
        T* panels = scratch.Get<T>(SlotA, ((rows / height) + 1) * GemmPack.Stride<T>(height, kCount));
        if (term.TransposeA)
            GemmPack.Copy(term.AtA(row, k), term.Lda, rows, kCount, panels, height);
        else
            GemmPack.Transpose(term.AtA(row, k), term.Lda, rows, kCount, panels, height);
        return panels;
    }

    /// <summary>Packs panels of B from the column after <paramref name="skipped"/> whole ones on, for which it leaves
    /// room.</summary>
    private static T* PackB(in GemmTerm<T> term, int k, int kCount, int column, int columns, Scratch scratch, int skipped = 0)
    {
        int width = 2 * TTile.Lanes;
        nint stride = GemmPack.Stride<T>(width, kCount);
        T* panels = scratch.Get<T>(SlotB, ((columns / width) + 1) * stride), to = panels + (skipped / width * stride);
        T* from = term.AtB(k, column + skipped);
        if (term.TransposeB)
            GemmPack.Transpose(from, term.Ldb, columns - skipped, kCount, to, width);
        else
            GemmPack.Copy(from, term.Ldb, columns - skipped, kCount, to, width);
        return panels;
    }
}
