using System.Numerics;

namespace AutogradCore.Kernels.Host;

/// <summary>
/// dq, dk, dv of attention for one (batch, key head) a part: every destination belongs to one part, so nothing is shared.
/// </summary>
/// <remarks>
/// Idea: recompute each 64x64 block of probabilities from q, k and lse:  p = exp(scale·q·kᵀ - lse),  dp = do·vᵀ,
/// ds = scale·p·(dp - Σ_D do·o);  dv += pᵀ·do,  dk += dsᵀ·q,  dq += ds·k.  dk and dv gather in working memory over the heads of
/// the group and all queries, and reach their destination once. Where the causal mask cuts a block, strips of queries take only
/// the keys that they see, and strips of keys only the queries that see them.
/// Scalar equivalent: <see cref="FlashRows{T}.Gradients"/> between plain products.
/// </remarks>
internal readonly unsafe struct FlashBackward<T>(
    SimdLevel level, ScratchSet scratch, FlashShape shape, FlashRef<T> q, FlashRef<T> k, FlashRef<T> v, FlashRef<T> o,
    double* lse, FlashRef<T> dO, FlashRef<T> dq, FlashRef<T> dk, FlashRef<T> dv, FlashOutcome outcome) : IParallelBody
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Block = FlashRows<T>.Block;

    /// <inheritdoc/>
    public void Run(int part)
    {
        Scratch own = scratch.Rent();
        try
        {
            int batch = part / shape.KeyHeads, keyHead = part % shape.KeyHeads, size = shape.HeadSize;
            nint whole = (nint)((shape.Keys + Block - 1) / Block) * Block * size;
            T* kT = own.Get<T>(2, (4 * whole) + (2 * Block * Block) + (Block * size) + Block);
            T* vT = kT + whole, dkSum = vT + whole, dvSum = dkSum + whole, blocks = dvSum + whole;
            FlashBlocks.TransposeTokens(k, batch, shape.Keys, keyHead, size, kT);
            FlashBlocks.TransposeTokens(v, batch, shape.Keys, keyHead, size, vT);
            new Span<T>(dkSum, (int)(2 * whole)).Clear();
            for (int h = keyHead * shape.Group; h < (keyHead + 1) * shape.Group; h++)
            {
                for (int i = 0; i < shape.Queries; i += Block)
                    QueryBlock(batch, h, keyHead, i, Math.Min(Block, shape.Queries - i), kT, vT, dkSum, dvSum, blocks, own);
            }

            for (int j = 0; j < shape.Keys; j++)
            {
                if (dk.Wanted) Put(dkSum + ((nint)j * size), dk.At(batch, shape.Keys, j, keyHead, size), dk.Store);
                if (dv.Wanted) Put(dvSum + ((nint)j * size), dv.At(batch, shape.Keys, j, keyHead, size), dv.Store);
            }
        }
        finally
        {
            scratch.Return(own);
        }
    }

    private void QueryBlock(
        int batch, int head, int keyHead, int query, int rows, T* kT, T* vT, T* dkSum, T* dvSum, T* blocks, Scratch own)
    {
        int size = shape.HeadSize;
        T scale = T.CreateTruncating(shape.Scale);
        T* p = blocks, ds = p + (Block * Block), dqSum = ds + (Block * Block), delta = dqSum + (Block * size);
        T* queries = q.At(batch, shape.Queries, query, head, size), seeds = dO.At(batch, shape.Queries, query, head, size);
        double* offsets = FlashBlocks.Lse(lse, shape, batch, head) + query;
        for (int i = 0; i < rows; i++)
            delta[i] = FlashRows<T>.Dot(seeds + ((nint)i * dO.Stride), o.At(batch, shape.Queries, query + i, head, size), size);
        new Span<T>(dqSum, rows * size).Clear();
        int end = shape.Visible(query + rows - 1);
        for (int j = 0; j < end; j += Block)
        {
            int keys = Math.Min(Block, shape.Keys - j);
            nint at = (nint)j * size;
            T* keyRows = k.At(batch, shape.Keys, j, keyHead, size);
            bool cut = shape.Cuts(query, j + keys);
            int strip = cut ? FlashRows<T>.Strip : Block;
            for (int i = 0; i < rows; i += strip)
            {
                int count = Math.Min(strip, rows - i), seen = Math.Clamp(shape.Visible(query + i + count - 1) - j, 0, keys);
                T* pRows = p + (i * Block), dsRows = ds + (i * Block);
                int width = cut ? Block : FlashRows<T>.Width(seen), dots = FlashRows<T>.Width(seen);
                T* someQueries = queries + ((nint)i * q.Stride), someSeeds = seeds + ((nint)i * dO.Stride);
                Product(
                    new(someQueries, q.Stride, false, kT + at, Block, false, size), count, dots, pRows, Block, Store.Write, own);
                Product(
                    new(someSeeds, dO.Stride, false, vT + at, Block, false, size), count, dots, dsRows, Block, Store.Write, own);
                for (int r = 0; r < count; r++)
                {
                    if (j == 0) Ask(batch, head, query + i + r);
                    int visible = Math.Min(seen, shape.Visible(query + i + r) - j);
                    T* pRow = pRows + (r * Block), dsRow = dsRows + (r * Block);
                    FlashRows<T>.Gradients(pRow, dsRow, width, visible, scale, offsets[i + r], delta[i + r]);
                }

                T* dqRows = dqSum + (i * size);
                if (dq.Wanted)
                    Product(new(dsRows, Block, false, keyRows, k.Stride, false, seen), count, size, dqRows, size, Store.Add, own);
            }

            for (int g = 0; g < keys; g += strip)
            {
                int count = Math.Min(strip, keys - g), first = cut ? shape.FirstSeeing(j + g, query, rows) : 0;
                int sees = rows - first, corner = (first * Block) + g;
                T* someSeeds = seeds + ((nint)first * dO.Stride), someQueries = queries + ((nint)first * q.Stride);
                T* dvRows = dvSum + at + (g * size), dkRows = dkSum + at + (g * size);
                if (dv.Wanted)
                    Product(
                        new(p + corner, Block, true, someSeeds, dO.Stride, false, sees),
                        count, size, dvRows, size, Store.Add, own);
                if (dk.Wanted)
                    Product(
                        new(ds + corner, Block, true, someQueries, q.Stride, false, sees),
                        count, size, dkRows, size, Store.Add, own);
            }
        }

        for (int i = 0; dq.Wanted && i < rows; i++)
            Put(dqSum + (i * size), dq.At(batch, shape.Queries, query + i, head, size), dq.Store);
    }

    /// <summary>Asks for what comes after a query's first block of keys: where its gradient goes, and the rows of a query in the
    /// next block.</summary>
    private void Ask(int batch, int head, int query)
    {
        int size = shape.HeadSize, next = query + Block;
        if (dq.Wanted) FlashBlocks.Ask(dq.At(batch, shape.Queries, query, head, size), size);
        if (next >= shape.Queries) return;
        FlashBlocks.Ask(q.At(batch, shape.Queries, next, head, size), size);
        FlashBlocks.Ask(dO.At(batch, shape.Queries, next, head, size), size);
        FlashBlocks.Ask(o.At(batch, shape.Queries, next, head, size), size);
    }

    private void Put(T* from, T* to, Store store)
    {
        if (!FlashRows<T>.Put(from, to, shape.HeadSize, store)) outcome.IsFinite = false;
    }

    private void Product(GemmTerm<T> term, int m, int n, T* c, int ldc, Store store, Scratch own)
        => GemmLevel.Run(level, &term, 1, new GemmTarget<T>(c, ldc, store), 0, m, 0, n, own);
}
