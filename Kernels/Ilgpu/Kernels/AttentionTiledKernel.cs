using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The second rung of attention: flash attention (Dao et al. 2022). A group of Side² lanes takes 4·Side queries of one
/// head and walks over blocks of as many keys; blocks that the mask hides are skipped. Scores come from chunks of q and k in
/// shared memory, a tile of 4 keys x 4 queries in the registers of each lane; the online softmax's largest score goes around the
/// Side lanes of a query by shuffles; probabilities go to shared memory and are multiplied with chunks of v into 4 queries x 4
/// features per lane. Features beyond 4·Side are another group's, so any D works. q, y:[B,T,H,D]  k, v:[B,S,G,D]  lse:[B,H,T]
/// </summary>
internal static class AttentionTiledKernel<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Features, or keys, in shared memory at a time.</summary>
    public const int Chunk = 16;

    /// <summary>Quads of shared memory: a chunk of q, one of k or v, and the probabilities; rows one quad apart of banks.</summary>
    public static int SharedQuads(int side) => (2 * Chunk + 4 * side) * (side + 1);

    public static void Run(Arguments a)
    {
        ArrayView<Quad<T>> shared = SharedMemory.GetDynamic<Quad<T>>();
        AttentionShape at = a.Shape;
        int side = a.Side, tile = 4 * side, pitch = side + 1, other = Chunk * pitch, weights = 2 * Chunk * pitch;
        int tx = Group.IdxX % side, ty = Group.IdxX / side, unit = Grid.IdxX;
        int slice = unit % a.Slices * tile, block = unit / a.Slices % a.Blocks, pair = unit / a.Slices / a.Blocks;
        int head = pair % at.Heads, batch = pair / at.Heads, keyHead = head / (at.Heads / at.KeyHeads), first = block * tile;
        int last = first + tile < at.Queries ? first + tile - 1 : at.Queries - 1, end = at.Seen(last), i = first + 4 * ty;
        int seen0 = Seen(at, i), seen1 = Seen(at, i + 1), seen2 = Seen(at, i + 2), seen3 = Seen(at, i + 3);
        ArrayView<T> elements = shared.Cast<T>();
        Quad<T> max = Quad<T>.Of(T.NegativeInfinity), sum = default, y0 = default, y1 = default, y2 = default, y3 = default;

        for (int start = 0; start < end; start += tile)
        {
            Quad<T> s0 = default, s1 = default, s2 = default, s3 = default;
            for (int d = 0; d < at.Size; d += Chunk)
            {
                for (int e = Group.IdxX; e < tile * Chunk; e += Group.DimX)
                {
                    int row = e / Chunk, column = e % Chunk, place = 4 * column * pitch + row;
                    bool inside = d + column < at.Size;
                    elements[place] = inside && first + row < at.Queries
                        ? a.Q[at.Query(batch, first + row, head) + d + column] : T.Zero;
                    elements[4 * other + place] = inside && start + row < end
                        ? a.K[at.Key(batch, start + row, keyHead) + d + column] : T.Zero;
                }
                Group.Barrier();
                for (int c = 0; c < Chunk; c++)
                {
                    Quad<T> q = shared[c * pitch + ty], k = shared[other + c * pitch + tx];
                    s0 = s0.Plus(k.X, q);
                    s1 = s1.Plus(k.Y, q);
                    s2 = s2.Plus(k.Z, q);
                    s3 = s3.Plus(k.W, q);
                }
                Group.Barrier();
            }

            int j = start + 4 * tx;
            s0 = Mask(s0.Times(a.Scale), j, seen0, seen1, seen2, seen3);
            s1 = Mask(s1.Times(a.Scale), j + 1, seen0, seen1, seen2, seen3);
            s2 = Mask(s2.Times(a.Scale), j + 2, seen0, seen1, seen2, seen3);
            s3 = Mask(s3.Times(a.Scale), j + 3, seen0, seen1, seen2, seen3);
            Quad<T> larger = Quad<T>.Larger(Quad<T>.Larger(s0, s1), Quad<T>.Larger(s2, s3));
            for (int mask = 1; mask < side; mask *= 2) larger = Quad<T>.Larger(larger, larger.Across(mask));
            larger = Quad<T>.Larger(max, larger);
            Quad<T> shrink = Quad<T>.Exp(max, larger);
            max = larger;
            s0 = Quad<T>.Exp(s0, max);
            s1 = Quad<T>.Exp(s1, max);
            s2 = Quad<T>.Exp(s2, max);
            s3 = Quad<T>.Exp(s3, max);
            sum = sum * shrink + (s0 + s1 + (s2 + s3));
            y0 = y0.Times(shrink.X);
            y1 = y1.Times(shrink.Y);
            y2 = y2.Times(shrink.Z);
            y3 = y3.Times(shrink.W);
            int to = weights + 4 * tx * pitch + ty;
            shared[to] = s0;
            shared[to + pitch] = s1;
            shared[to + 2 * pitch] = s2;
            shared[to + 3 * pitch] = s3;

            for (int from = 0; from < tile; from += Chunk)
            {
                for (int e = Group.IdxX; e < tile * Chunk; e += Group.DimX)
                {
                    int row = e / tile, column = e % tile;
                    elements[4 * row * pitch + column] = slice + column < at.Size && start + from + row < end
                        ? a.V[at.Key(batch, start + from + row, keyHead) + slice + column] : T.Zero;
                }
                Group.Barrier();
                for (int c = 0; c < Chunk; c++)
                {
                    Quad<T> p = shared[weights + (from + c) * pitch + ty], v = shared[c * pitch + tx];
                    y0 = y0.PlusSeen(p.X, v);
                    y1 = y1.PlusSeen(p.Y, v);
                    y2 = y2.PlusSeen(p.Z, v);
                    y3 = y3.PlusSeen(p.W, v);
                }
                Group.Barrier();
            }
        }

        for (int mask = 1; mask < side; mask *= 2) sum += sum.Across(mask);
        Put(a, batch, head, i, slice + 4 * tx, seen0, max.X, sum.X, y0);
        Put(a, batch, head, i + 1, slice + 4 * tx, seen1, max.Y, sum.Y, y1);
        Put(a, batch, head, i + 2, slice + 4 * tx, seen2, max.Z, sum.Z, y2);
        Put(a, batch, head, i + 3, slice + 4 * tx, seen3, max.W, sum.W, y3);
    }

    /// <summary>How many keys query <paramref name="i"/> sees; none beyond the last query.</summary>
    private static int Seen(AttentionShape at, int i) => i < at.Queries ? at.Seen(i) : 0;

    private static Quad<T> Mask(Quad<T> s, int j, int seen0, int seen1, int seen2, int seen3) => new()
    {
        X = j < seen0 ? s.X : T.NegativeInfinity,
        Y = j < seen1 ? s.Y : T.NegativeInfinity,
        Z = j < seen2 ? s.Z : T.NegativeInfinity,
        W = j < seen3 ? s.W : T.NegativeInfinity,
    };

    private static void Put(Arguments a, int batch, int head, int i, int d, int seen, T max, T sum, Quad<T> y)
    {
        AttentionShape at = a.Shape;
        if (i >= at.Queries) return;
        if (d == 0) a.Lse[at.Row(batch, head, i)] = seen == 0 ? T.NegativeInfinity : max + T.Log(sum);
        if (seen > 0) y = new() { X = y.X / sum, Y = y.Y / sum, Z = y.Z / sum, W = y.W / sum };
        long to = at.Query(batch, i, head) + d;
        if (d < at.Size) a.Y[to] = y.X;
        if (d + 1 < at.Size) a.Y[to + 1] = y.Y;
        if (d + 2 < at.Size) a.Y[to + 2] = y.Z;
        if (d + 3 < at.Size) a.Y[to + 3] = y.W;
    }

    public struct Arguments
    {
        public ArrayView<T> Q, K, V, Y, Lse;
        public AttentionShape Shape;
        public T Scale;
        public int Side, Blocks, Slices;
    }
}
