using System.Numerics;

namespace AutogradCore.Kernels.Host;

/// <summary>o = softmax(scale·q·kᵀ)·v for one (batch, key head) a part, a block of queries at a time.</summary>
/// <remarks>
/// Idea: scores exist only as one 64x64 block; the running maximum and sum of each row rescale the output when the maximum grows
/// (online softmax). Keys are transposed once per part, so both products run on register tiles without packing. Where the causal
/// mask cuts a block, strips of queries take only the keys that they see.
/// Scalar equivalent: <see cref="FlashRows{T}.SoftmaxStep"/> between two plain products.
/// </remarks>
internal readonly unsafe struct FlashForward<T>(
    SimdLevel level, ScratchSet scratch, FlashShape shape,
    FlashRef<T> q, FlashRef<T> k, FlashRef<T> v, FlashRef<T> o, double* lse, FlashOutcome outcome)
    : IParallelBody
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
            int blocks = (shape.Keys + Block - 1) / Block;
            T* kT = own.Get<T>(2, ((long)blocks * Block * size) + (Block * Block) + (Block * size) + (3 * Block));
            T* scores = kT + ((nint)blocks * Block * size);
            T* sums = scores + (Block * Block);
            FlashBlocks.TransposeTokens(k, batch, shape.Keys, keyHead, size, kT);
            for (int h = keyHead * shape.Group; h < (keyHead + 1) * shape.Group; h++)
            {
                for (int i = 0; i < shape.Queries; i += Block)
                    QueryBlock(batch, h, keyHead, i, Math.Min(Block, shape.Queries - i), kT, scores, sums, own);
            }
        }
        finally
        {
            scratch.Return(own);
        }
    }

    private void QueryBlock(int batch, int head, int keyHead, int query, int rows, T* kT, T* scores, T* output, Scratch own)
    {
        int size = shape.HeadSize;
        T scale = T.CreateTruncating(shape.Scale);
        T* max = output + (Block * size);
        double* sum = (double*)(max + Block);
        new Span<T>(output, rows * size).Clear();
        new Span<T>(max, Block).Fill(T.NegativeInfinity);
        new Span<double>(sum, Block).Clear();
        int end = shape.Visible(query + rows - 1);
        for (int j = 0; j < end; j += Block)
        {
            int keys = Math.Min(Block, shape.Keys - j);
            T* columns = kT + ((nint)j * size), values = v.At(batch, shape.Keys, j, keyHead, size);
            int strip = shape.Cuts(query, j + keys) ? FlashRows<T>.Strip : Block;
            for (int i = 0; i < rows; i += strip)
            {
                int count = Math.Min(strip, rows - i), seen = Math.Clamp(shape.Visible(query + i + count - 1) - j, 0, keys);
                if (seen > 0)
                    Strip(batch, head, columns, values, query + i, j, count, seen, scale,
                        scores + (i * Block), output + (i * size), max + i, sum + i, own);
            }
        }

        for (int i = 0; i < rows; i++)
        {
            T* to = o.At(batch, shape.Queries, query + i, head, size);
            bool isFinite = FlashRows<T>.Scale(output + (i * size), T.CreateTruncating(sum[i] == 0 ? 0 : 1 / sum[i]), to, size);
            bool seesNone = shape.Visible(query + i) == 0;
            if (!isFinite || (sum[i] == 0 && !seesNone)) outcome.IsFinite = false;
            if (lse != null)
                FlashBlocks.Lse(lse, shape, batch, head)[query + i] = double.CreateTruncating(max[i]) + Math.Log(sum[i]);
        }
    }

    /// <summary>One block of keys for queries that see at most the first <paramref name="seen"/> of them.</summary>
    private void Strip(
        int batch, int head, T* columns, T* values, int query, int key, int rows, int seen, T scale,
        T* scores, T* output, T* max, double* sum, Scratch own)
    {
        int size = shape.HeadSize, width = FlashRows<T>.Width(seen);
        T* queries = q.At(batch, shape.Queries, query, head, size);
        var dots = new GemmTerm<T>(queries, q.Stride, false, columns, Block, false, size);
        GemmLevel.Run(level, &dots, 1, new GemmTarget<T>(scores, Block), 0, rows, 0, width, own);
        for (int i = 0; i < rows; i++)
        {
            if (key == 0) Ask(batch, head, query + i);
            int visible = Math.Min(seen, shape.Visible(query + i) - key);
            T past = FlashRows<T>.SoftmaxStep(scores + (i * Block), width, visible, scale, ref max[i], ref sum[i]);
            if (past != T.One)
                FlashRows<T>.Scale(output + (i * size), past, output + (i * size), size);
        }

        var mix = new GemmTerm<T>(scores, Block, false, values, v.Stride, false, seen);
        GemmLevel.Run(level, &mix, 1, new GemmTarget<T>(output, size, Store.Add), 0, rows, 0, size, own);
    }

    /// <summary>Asks for what comes after a query's first block of keys: where its result goes, and a query of the next
    /// block.</summary>
    private void Ask(int batch, int head, int query)
    {
        int size = shape.HeadSize;
        FlashBlocks.Ask(o.At(batch, shape.Queries, query, head, size), size);
        if (query + Block < shape.Queries) FlashBlocks.Ask(q.At(batch, shape.Queries, query + Block, head, size), size);
    }
}
