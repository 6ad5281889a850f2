namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The two products that attention by tiles is made of, for 128 lanes that own 64 rows ("outer") and walk over blocks of
/// 64 others ("inner").</summary>
/// <remarks>
/// Lanes stand 8 down, 16 across. A lane's outer rows are 4y..4y+3 and 32+4y..32+4y+3, so that a warp reads each operand without
/// bank conflicts. <see cref="Dots"/> stages 16 features of both sides as [feature][row], 17 quads apart, in two buffers: the
/// next chunk travels while the present one is multiplied, one barrier each. Weights go from registers to shared memory as
/// [inner][outer]; column 4x + c of the tile as row 16c + x, which keeps the banks of neighbouring lanes apart, so
/// <see cref="Mix"/> takes the inner rows in the order 0, 4, 8 .. 60, 1, 5 .. 63. Every sum has this one order.
/// </remarks>
internal static class AttentionStage
{
    /// <summary>Rows of a block, outer and inner.</summary>
    public const int Block = 64;

    /// <summary>Lanes per group.</summary>
    public const int Lanes = 128;

    /// <summary>Quads of shared memory: weights, then two buffers of two panels.</summary>
    public const int Quads = Panels + 4 * Panel;

    private const int Depth = 16, Pitch = Block / 4 + 1, Panel = Depth * Pitch, Panels = Block * Pitch, Buffer = 2 * Lanes;

    /// <summary>The lane's first outer row, within the block.</summary>
    public static int Row => Group.IdxX >> 4 << 2;

    /// <summary>The lane's first inner row, or its first feature, within the block.</summary>
    public static int Column => (Group.IdxX & 15) << 2;

    /// <summary>sums += outer·innerᵀ over all features, ascending.</summary>
    public static void Dots(ref AttentionTile sums, ArrayView<Quad<float>> shared,
        AttentionRows<float, FloatStorage> outer, int outerRow, AttentionRows<float, FloatStorage> inner, int innerRow)
    {
        bool areWhole = outer.AreWhole(outerRow, Block, Depth) && inner.AreWhole(innerRow, Block, Depth);
        int d = (Group.IdxX & 1) * 4, y = Row >> 2, x = Column >> 2, now = Panels;
        outerRow += Group.IdxX >> 1;
        innerRow += Group.IdxX >> 1;
        Stage stage = Load(outer, outerRow, inner, innerRow, d, areWhole);
        Turn(shared, now, stage);
        Group.Barrier();
        for (int done = 0; done < outer.Size; done += Depth)
        {
            bool isLast = done + Depth >= outer.Size;
            d += Depth;
            if (!isLast) stage = Load(outer, outerRow, inner, innerRow, d, areWhole);
            for (int half = 0; half < 2; half++)
            {
                int first = now + half * 8 * Pitch;
                ArrayView<Quad<float>> fromY = shared.SubView(first + y), fromX = shared.SubView(first + Panel + x);
                Dot(ref sums, fromY, fromX, 0);
                Dot(ref sums, fromY, fromX, Pitch);
                Dot(ref sums, fromY, fromX, 2 * Pitch);
                Dot(ref sums, fromY, fromX, 3 * Pitch);
                Dot(ref sums, fromY, fromX, 4 * Pitch);
                Dot(ref sums, fromY, fromX, 5 * Pitch);
                Dot(ref sums, fromY, fromX, 6 * Pitch);
                Dot(ref sums, fromY, fromX, 7 * Pitch);
            }
            now = 2 * Panels + 2 * Panel - now;
            if (!isLast) Turn(shared, now, stage);
            Group.Barrier();
        }
    }

    /// <summary>Leaves the weights of a tile for <see cref="Mix"/>.</summary>
    public static void PutWeights(ArrayView<Quad<float>> shared, AttentionTile w)
    {
        int at = (Column >> 2) * Pitch + (Row >> 2);
        PutWeights(shared, at, w.R0.X, w.R1.X, w.R2.X, w.R3.X, w.R4.X, w.R5.X, w.R6.X, w.R7.X);
        PutWeights(shared, at + 16 * Pitch, w.R0.Y, w.R1.Y, w.R2.Y, w.R3.Y, w.R4.Y, w.R5.Y, w.R6.Y, w.R7.Y);
        PutWeights(shared, at + 32 * Pitch, w.R0.Z, w.R1.Z, w.R2.Z, w.R3.Z, w.R4.Z, w.R5.Z, w.R6.Z, w.R7.Z);
        PutWeights(shared, at + 48 * Pitch, w.R0.W, w.R1.W, w.R2.W, w.R3.W, w.R4.W, w.R5.W, w.R6.W, w.R7.W);
    }

    /// <summary>sums += weightsᵀ·inner: the lane's eight outer rows by four features, and in wide heads by four more, 64
    /// further.</summary>
    /// <param name="left">Features 4x..4x+3.</param>
    /// <param name="right">Features 64+4x..64+4x+3 of wide heads.</param>
    /// <param name="shared">Where the weights are.</param>
    /// <param name="inner">The rows that are mixed.</param>
    /// <param name="innerRow">The first of them.</param>
    /// <param name="hides">Whether some weights are 0 because of the mask.</param>
    public static void Mix<TWidth>(ref AttentionTile left, ref AttentionTile right, ArrayView<Quad<float>> shared,
        AttentionRows<float, FloatStorage> inner, int innerRow, bool hides) where TWidth : struct, IAttentionWidth
    {
        int width = TWidth.IsWide ? 32 : 16, rows = Buffer / width, y = Row >> 2, x = Column >> 2, now = Panels;
        int row = Group.IdxX / width, d = (Group.IdxX & (width - 1)) * 4;
        bool areWhole = inner.AreWhole(innerRow, Block, 4 * width);
        Pair next = Load(inner, innerRow, row, rows / 2, d, areWhole);
        shared[now + Group.IdxX] = next.Q0;
        shared[now + Lanes + Group.IdxX] = next.Q1;
        Group.Barrier();
        for (int done = 0; done < Block; done += rows)
        {
            bool isLast = done + rows >= Block;
            row += rows;
            if (!isLast) next = Load(inner, innerRow, row, rows / 2, d, areWhole);
            int atY = done * Pitch + y, atX = now + x;
            for (int eight = 0; eight < rows; eight += 8)
            {
                if (hides)
                {
                    for (int s = 0; s < 8; s++)
                    {
                        Quad<float> top = shared[atY + s * Pitch], bottom = shared[atY + s * Pitch + 8];
                        left.AddSeen(top, bottom, shared[atX + s * width]);
                        if (TWidth.IsWide) right.AddSeen(top, bottom, shared[atX + s * width + 16]);
                    }
                }
                else
                {
                    ArrayView<Quad<float>> fromY = shared.SubView(atY), fromX = shared.SubView(atX);
                    MixRow<TWidth>(ref left, ref right, fromY, 0, fromX, 0);
                    MixRow<TWidth>(ref left, ref right, fromY, Pitch, fromX, width);
                    MixRow<TWidth>(ref left, ref right, fromY, 2 * Pitch, fromX, 2 * width);
                    MixRow<TWidth>(ref left, ref right, fromY, 3 * Pitch, fromX, 3 * width);
                    MixRow<TWidth>(ref left, ref right, fromY, 4 * Pitch, fromX, 4 * width);
                    MixRow<TWidth>(ref left, ref right, fromY, 5 * Pitch, fromX, 5 * width);
                    MixRow<TWidth>(ref left, ref right, fromY, 6 * Pitch, fromX, 6 * width);
                    MixRow<TWidth>(ref left, ref right, fromY, 7 * Pitch, fromX, 7 * width);
                }
                atY += 8 * Pitch;
                atX += 8 * width;
            }
            now = 2 * Panels + Buffer - now;
            if (!isLast)
            {
                shared[now + Group.IdxX] = next.Q0;
                shared[now + Lanes + Group.IdxX] = next.Q1;
            }
            Group.Barrier();
        }
    }

    private static int InnerRow(int weightRow) => ((weightRow & 15) << 2) + ((weightRow >> 4) & 3);

    private static void Dot(ref AttentionTile sums, ArrayView<Quad<float>> fromY, ArrayView<Quad<float>> fromX, int further) =>
        sums.Add(fromY[further], fromY[further + 8], fromX[further]);

    private static void MixRow<TWidth>(ref AttentionTile left, ref AttentionTile right,
        ArrayView<Quad<float>> fromY, int atY, ArrayView<Quad<float>> fromX, int atX) where TWidth : struct, IAttentionWidth
    {
        Quad<float> top = fromY[atY], bottom = fromY[atY + 8];
        left.Add(top, bottom, fromX[atX]);
        if (TWidth.IsWide) right.Add(top, bottom, fromX[atX + 16]);
    }

    /// <summary>Features d..d+3 and d+8..d+11 of a row of each side.</summary>
    private static Stage Load(AttentionRows<float, FloatStorage> outer, int outerRow,
        AttentionRows<float, FloatStorage> inner, int innerRow, int d, bool areWhole)
    {
        Stage stage = default;
        if (areWhole)
        {
            ArrayView<Quad<float>> outers = outer.X.Cast<Quad<float>>(), inners = inner.X.Cast<Quad<float>>();
            long i = outer.QuadAt(outerRow, d), j = inner.QuadAt(innerRow, d);
            stage.Outer0 = outers[i];
            stage.Outer1 = outers[i + 2];
            stage.Inner0 = inners[j];
            stage.Inner1 = inners[j + 2];
        }
        else
        {
            stage.Outer0 = outer.Four(outerRow, d);
            stage.Outer1 = outer.Four(outerRow, d + 8);
            stage.Inner0 = inner.Four(innerRow, d);
            stage.Inner1 = inner.Four(innerRow, d + 8);
        }
        return stage;
    }

    /// <summary>Four features of two inner rows, in the order of weights.</summary>
    private static Pair Load(AttentionRows<float, FloatStorage> inner, int first, int row, int further, int d, bool areWhole)
    {
        int row0 = first + InnerRow(row), row1 = first + InnerRow(row + further);
        Pair pair = default;
        if (areWhole)
        {
            ArrayView<Quad<float>> inners = inner.X.Cast<Quad<float>>();
            pair.Q0 = inners[inner.QuadAt(row0, d)];
            pair.Q1 = inners[inner.QuadAt(row1, d)];
        }
        else
        {
            pair.Q0 = inner.Four(row0, d);
            pair.Q1 = inner.Four(row1, d);
        }
        return pair;
    }

    /// <summary>Puts features of a row of each side into their panels as [feature][row].</summary>
    private static void Turn(ArrayView<Quad<float>> shared, int at, Stage stage)
    {
        Turn(shared, at, stage.Outer0, stage.Outer1);
        Turn(shared, at + Panel, stage.Inner0, stage.Inner1);
    }

    private static void Turn(ArrayView<Quad<float>> shared, int at, Quad<float> low, Quad<float> high)
    {
        ArrayView<float> single = shared.Cast<float>();
        int i = (at + (Group.IdxX & 1) * 4 * Pitch) * 4 + (Group.IdxX >> 1);
        single[i] = low.X;
        single[i + 4 * Pitch] = low.Y;
        single[i + 8 * Pitch] = low.Z;
        single[i + 12 * Pitch] = low.W;
        single[i + 32 * Pitch] = high.X;
        single[i + 36 * Pitch] = high.Y;
        single[i + 40 * Pitch] = high.Z;
        single[i + 44 * Pitch] = high.W;
    }

    private static void PutWeights(ArrayView<Quad<float>> shared, int at,
        float w0, float w1, float w2, float w3, float w4, float w5, float w6, float w7)
    {
        shared[at] = new() { X = w0, Y = w1, Z = w2, W = w3 };
        shared[at + 8] = new() { X = w4, Y = w5, Z = w6, W = w7 };
    }

    /// <summary>What a lane carries from global to shared memory: eight features of a row of each side.</summary>
    private struct Stage
    {
        public Quad<float> Outer0, Outer1, Inner0, Inner1;
    }

    /// <summary>Four features of two rows.</summary>
    private struct Pair
    {
        public Quad<float> Q0, Q1;
    }
}
