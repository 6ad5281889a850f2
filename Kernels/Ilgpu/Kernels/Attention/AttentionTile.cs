namespace AutogradCore.Kernels.Ilgpu;

/// <summary>8x4 numbers of a lane in registers: eight rows of the group's block by four columns. Written out, since an array
/// indexed by a loop would live in memory.</summary>
internal struct AttentionTile
{
    public Quad<float> R0, R1, R2, R3, R4, R5, R6, R7;

    /// <summary>Adds the product of a column of eight (top, bottom) and a row of four.</summary>
    public void Add(Quad<float> top, Quad<float> bottom, Quad<float> row)
    {
        R0 = R0.PlusProduct(top.X, row);
        R1 = R1.PlusProduct(top.Y, row);
        R2 = R2.PlusProduct(top.Z, row);
        R3 = R3.PlusProduct(top.W, row);
        R4 = R4.PlusProduct(bottom.X, row);
        R5 = R5.PlusProduct(bottom.Y, row);
        R6 = R6.PlusProduct(bottom.Z, row);
        R7 = R7.PlusProduct(bottom.W, row);
    }

    /// <summary>As <see cref="Add"/>, but a weight of 0 does not look at the row: what a mask hides is not felt, not even
    /// NaN.</summary>
    public void AddSeen(Quad<float> top, Quad<float> bottom, Quad<float> row)
    {
        if (top.X != 0) R0 = R0.PlusProduct(top.X, row);
        if (top.Y != 0) R1 = R1.PlusProduct(top.Y, row);
        if (top.Z != 0) R2 = R2.PlusProduct(top.Z, row);
        if (top.W != 0) R3 = R3.PlusProduct(top.W, row);
        if (bottom.X != 0) R4 = R4.PlusProduct(bottom.X, row);
        if (bottom.Y != 0) R5 = R5.PlusProduct(bottom.Y, row);
        if (bottom.Z != 0) R6 = R6.PlusProduct(bottom.Z, row);
        if (bottom.W != 0) R7 = R7.PlusProduct(bottom.W, row);
    }

    /// <summary>Multiplies everything.</summary>
    public void Scale(float factor)
    {
        R0 = R0.Times(factor);
        R1 = R1.Times(factor);
        R2 = R2.Times(factor);
        R3 = R3.Times(factor);
        R4 = R4.Times(factor);
        R5 = R5.Times(factor);
        R6 = R6.Times(factor);
        R7 = R7.Times(factor);
    }

    /// <summary>Multiplies each row by its own factor.</summary>
    public void Scale(Quad<float> top, Quad<float> bottom)
    {
        R0 = R0.Times(top.X);
        R1 = R1.Times(top.Y);
        R2 = R2.Times(top.Z);
        R3 = R3.Times(top.W);
        R4 = R4.Times(bottom.X);
        R5 = R5.Times(bottom.Y);
        R6 = R6.Times(bottom.Z);
        R7 = R7.Times(bottom.W);
    }

    /// <summary>Writes the rows of features that start at <paramref name="d"/>: rows row..row+3, then those 32 further.</summary>
    public readonly void Put(AttentionRows<float, FloatStorage> to, int row, int d, int adds)
    {
        const int half = AttentionStage.Block / 2;
        to.Put(row, d, R0, adds);
        to.Put(row + 1, d, R1, adds);
        to.Put(row + 2, d, R2, adds);
        to.Put(row + 3, d, R3, adds);
        to.Put(row + half, d, R4, adds);
        to.Put(row + half + 1, d, R5, adds);
        to.Put(row + half + 2, d, R6, adds);
        to.Put(row + half + 3, d, R7, adds);
    }
}
