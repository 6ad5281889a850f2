using System.Runtime.CompilerServices;

namespace AutogradCore.Kernels.Host;

/// <summary>C[rows, columns] = or += Σ_i op(A_i)·op(B_i) (+ bias) on one thread.</summary>
/// <remarks>
/// Idea: GotoBLAS blocking (columns by NC, k by KC, rows by MC) around a register tile; operands are packed into panels only when
/// the copy pays for itself, since the tile kernel takes any row and k step.
/// The law of the bits: for each term in order, for each block of KC: acc = 0; acc = fma(a_k, b_k, acc) for k ascending; the
/// first block of a writing call stores acc, every other adds it; bias comes last. KC is fixed, sums are never split otherwise,
/// and edges use narrow tiles or the same tiles into a small buffer, so no element depends on its position, the thread count or
/// the vector width.
/// Scalar equivalent: <c>float.FusedMultiplyAdd</c> in the order above.
/// </remarks>
internal static unsafe partial class GemmCore<T, TTile>
    where T : unmanaged
    where TTile : struct, ITile<T>
{
    private const int FewColumns = 256, InPlaceA = 1024;
    private const int InPlaceB = 192, InPlaceSmallB = 384;
    private const long SmallB = 2 << 20;

    /// <summary>Length of a K block: part of the law above, so it never changes with shape, type or machine.</summary>
    public const int BlockK = 512;

    /// <summary>Columns whose panels of B fill at most 4 MiB.</summary>
    private static int BlockN => (8 << 10) / sizeof(T);

    /// <summary>Rows whose panels of A fill half of a second-level cache of 1 MiB.</summary>
    private static int BlockM => 960 / sizeof(T);

    /// <summary>Columns, 2 KiB of them, up to which a transposed A is read in place.</summary>
    private static int InPlaceTransposedA => (2 << 10) / sizeof(T);

    /// <summary>Computes rows [row, rowEnd) and columns [column, columnEnd) of C.</summary>
    public static void Run(
        GemmTerm<T>* terms, int count, in GemmTarget<T> target, int row, int rowEnd, int column, int columnEnd, Scratch scratch)
    {
        if (rowEnd <= row || columnEnd <= column)
            return;
        int last = count - 1;
        while (last >= 0 && terms[last].K == 0)
            last--;
        if (last < 0)
        {
            Empty(target, row, rowEnd, column, columnEnd);
            return;
        }

        for (int j = column; j < columnEnd; j += BlockN)
        {
            int jEnd = Math.Min(columnEnd, j + BlockN);
            bool first = true, firstTerm = true;
            for (int i = 0; i <= last; i++)
            {
                for (int k = 0; k < terms[i].K; k += BlockK)
                {
                    int kCount = Math.Min(BlockK, terms[i].K - k);
                    bool final = i == last && k + kCount == terms[i].K;
                    Block(terms[i], target.ForBlock(first, final, firstTerm), row, rowEnd, j, jEnd, k, kCount, scratch);
                    first = false;
                }

                firstTerm &= terms[i].K == 0;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block(
        in GemmTerm<T> term, in GemmTarget<T> into,
        int row, int rowEnd, int column, int columnEnd, int k, int kCount, Scratch scratch)
    {
        if (kCount <= GemmShallow<T>.MostK)
        {
            Shallow(term, into, row, rowEnd, column, columnEnd, k, kCount, scratch);
            return;
        }

        int width = 2 * TTile.Lanes;
        int columns = columnEnd - column;
        int height = TTile.Rows;
        // Read in place, B misses caches more often than packed; while all of it stays near,
        // it takes more rows to repay the copy.
        bool smallB = (long)term.K * columns * sizeof(T) <= SmallB;
        // B was packed before, whole; a part that starts within a panel cannot be read from there.
        bool packed = term.Panels != null && column % width == 0;
        bool packB = packed || term.TransposeB || rowEnd - row > (smallB ? InPlaceSmallB : InPlaceB);
        // Few columns read each row of A too seldom to repay a copy. More repay it where rows share cache sets: a tile's rows
        // just fit into one set, if nobody else uses the cache. One vector of columns waits for every line of a transposed A,
        // where a copy asks ahead.
        bool packA = term.TransposeA
            ? columns > InPlaceTransposedA || columns <= TTile.Lanes
            : columns > FewColumns && (columns > InPlaceA || !AvoidsOneSet(term.Lda));
        int whole = columns / width * width;
        int firstPacked = packB ? 0 : whole;
        // A little more than one block of rows is still one: a second would read all of B again for a few rows.
        int blockM = rowEnd - row <= BlockM * 5 / 4 ? rowEnd - row : BlockM;
        // Panels that one block of rows uses once are made one by one, each in the place of the last: they stay near.
        bool oneByOne = !packed && term.TransposeB && rowEnd - row <= blockM;
        // The first tile of each panel packs it, if it is a whole one of both.
        bool along = TTile.PacksAlong && packB && !packed && !term.TransposeB && rowEnd - row >= height;
        T* panelsB = packed ? term.Panels + PanelAt(term.PanelsN, k, kCount, column / width)
            : firstPacked == columns || oneByOne ? null
            : PackB(term, k, kCount, column + firstPacked, columns - firstPacked, scratch, along ? whole : 0);
        nint strideA = GemmPack.Stride<T>(height, kCount), strideB = GemmPack.Stride<T>(width, kCount);
        int done = !packA && !packB && into.IsPlain ? whole : 0;
        if (done > 0)
            InPlace(term, into, row, rowEnd, column, done, k, kCount);

        for (int i = row; i < rowEnd; i += blockM)
        {
            int rows = Math.Min(blockM, rowEnd - i);
            T* panelsA = packA ? PackA(term, i, rows, k, kCount, scratch) : null;
            for (int j = done; j < columns; j += width)
            {
                bool inPlace = j < firstPacked;
                int lanes = Math.Min(width, columns - j);
                T* b = oneByOne ? PackB(term, k, kCount, column + j, lanes, scratch)
                    : inPlace ? term.AtB(k, column + j) : panelsB + ((j - firstPacked) / width * strideB);
                nint stepB = inPlace ? term.Ldb : width;
                T* c = into.C + ((nint)i * into.Ldc) + column + j;
                T* bias = into.Bias == null ? null : into.Bias + column + j;
                for (int ii = 0; ii < rows; ii += height)
                {
                    T* a = packA ? panelsA + (ii / height * strideA) : term.AtA(i + ii, k);
                    nint rowStep = packA ? 1 : term.RowStepA;
                    nint stepA = packA ? height : term.StepA;
                    int end = Math.Min(rows, ii + height);
                    var edge = new TileEdge<T>(c + ((nint)ii * into.Ldc), into.Ldc, into.Store, bias, lanes);
                    if (lanes < width && TTile.RunNarrow(end - ii, kCount, a, rowStep, stepA, b, stepB, edge))
                    {
                        into.Finish(c + ((nint)ii * into.Ldc), end - ii, lanes);
                        continue;
                    }

                    for (int r = ii; r < end;)
                    {
                        int fit = TTile.Fit(end - r);
                        T* at = c + ((nint)r * into.Ldc);
                        PrefetchTile(at, into.Ldc, fit);
                        if (into.Residual != null)
                            PrefetchTile(into.Residual + (at - into.C), into.Ldc, fit);
                        if (into.Mapped != null)
                            PrefetchTile(into.Mapped + (at - into.C), into.Ldc, fit);
                        if (along && i == row && r == 0 && lanes == width)
                        {
                            T* source = term.AtB(k, column + j);
                            TTile.RunPacking(kCount, a, rowStep, stepA, source, term.Ldb, b, at, into.Ldc, into.Store, bias);
                        }
                        else if (lanes == width)
                            TTile.Run(fit, kCount, a, rowStep, stepA, b, stepB, at, into.Ldc, into.Store, bias);
                        else
                            Edge(fit, kCount, a, rowStep, stepA, b, stepB, at, into.Ldc, into.Store, bias, lanes);
                        into.Finish(at, fit, lanes);
                        a += fit * rowStep;
                        r += fit;
                    }
                }
            }

            RowSums(term, into, i, rows, column, k, kCount);
        }
    }

    /// <summary>Whole tiles of small products, where each step between two tiles counts: nothing is packed, nothing
    /// follows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InPlace(
        in GemmTerm<T> term, in GemmTarget<T> into, int row, int rowEnd, int column, int columns, int k, int kCount)
    {
        nint rowStep = term.RowStepA, stepA = term.StepA, ldb = term.Ldb, ldc = into.Ldc;
        Store store = into.Store;
        T* b = term.AtB(k, column), bEnd = b + columns;
        T* firstA = term.AtA(row, k), firstC = into.C + (row * ldc) + column;
        for (; b < bEnd; b += 2 * TTile.Lanes, firstC += 2 * TTile.Lanes)
        {
            T* a = firstA, c = firstC;
            for (int rows = rowEnd - row; rows > 0;)
            {
                int fit = TTile.Fit(rows);
                PrefetchTile(c, (int)ldc, fit);
                TTile.Run(fit, kCount, a, rowStep, stepA, b, ldb, c, ldc, store, null);
                a += fit * rowStep;
                c += fit * ldc;
                rows -= fit;
            }
        }
    }

    private static void Shallow(
        in GemmTerm<T> term, in GemmTarget<T> into,
        int row, int rowEnd, int column, int columnEnd, int k, int kCount, Scratch scratch)
    {
        int columns = columnEnd - column;
        T* b = term.AtB(k, column), c = into.C + ((nint)row * into.Ldc) + column;
        nint ldb = term.Ldb;
        if (term.TransposeB)
        {
            T* rows = scratch.Get<T>(SlotB, GemmPack.Stride<T>(columns, kCount));
            GemmPack.Transpose(b, ldb, columns, kCount, rows, columns);
            b = rows;
            ldb = columns;
        }

        T* bias = into.Bias == null ? null : into.Bias + column;
        GemmShallow<T>.Run(
            kCount, term.AtA(row, k), term.RowStepA, term.StepA, b, ldb, into, c, bias, rowEnd - row, columns);
        RowSums(term, into, row, rowEnd - row, column, k, kCount);
    }

    /// <summary>Sums of rows of A, by whoever has the first columns; stored with the term's last block.</summary>
    private static void RowSums(in GemmTerm<T> term, in GemmTarget<T> into, int row, int rows, int column, int k, int kCount)
    {
        if (column > 0 || into.RowSums == null) return;
        double* totals = into.RowTotals + row;
        GemmFinish.RowSums(term.AtA(row, k), term.RowStepA, term.StepA, rows, kCount, totals, add: k > 0);
        if (k + kCount == term.K) GemmFinish.Round(totals, into.RowSums + row, rows, into.RowStore);
    }

    /// <summary>
    /// A tile that sticks out of C on the right: the whole tile goes to a buffer, the part inside from there to C.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    private static void Edge(
        int rows, int k, T* a, nint rowStep, nint stepA, T* b, nint stepB, T* c, nint ldc, Store store, T* bias, int lanes)
    {
        int width = 2 * TTile.Lanes;
        T* tile = stackalloc T[rows * width];
        TTile.Run(rows, k, a, rowStep, stepA, b, stepB, tile, width, Store.Write, null);
        for (int r = 0; r < rows; r++, tile += width, c += ldc)
        {
            for (int j = 0; j < lanes; j++)
            {
                T value = store == Store.Add ? Scalar.Add(c[j], tile[j]) : tile[j];
                c[j] = bias == null ? value : Scalar.Add(value, bias[j]);
            }
        }
    }

    /// <summary>Asks for a tile of C before its sums are formed, so that storing them does not wait for memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchTile(T* c, int ldc, int rows)
    {
        for (; rows > 0; rows--, c += ldc)
        {
            Simd.Prefetch(c);
            Simd.Prefetch(c + TTile.Lanes);
        }
    }

    /// <summary>
    /// False when consecutive rows fall into one set of the first-level cache: rows of A read together would evict each other.
    /// </summary>
    private static bool AvoidsOneSet(int stride) => (long)stride * sizeof(T) % 4096 != 0;

    /// <summary>A product of no terms: zero where it is written, then what follows the sums.</summary>
    private static void Empty(in GemmTarget<T> target, int row, int rowEnd, int column, int columnEnd)
    {
        for (int i = row; i < rowEnd; i++)
        {
            T* c = target.C + ((nint)i * target.Ldc);
            if (target.Store == Store.Write)
                new Span<T>(c + column, columnEnd - column).Clear();
            for (int j = column; target.Bias != null && j < columnEnd; j++)
                c[j] = Scalar.Add(c[j], target.Bias[j]);
            target.Finish(c + column, 1, columnEnd - column);
        }

        if (column == 0 && target.RowSums != null && target.RowStore == Store.Write)
            new Span<T>(target.RowSums + row, rowEnd - row).Clear();
    }
}
