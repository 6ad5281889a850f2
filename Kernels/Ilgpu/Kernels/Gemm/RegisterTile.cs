using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The 8x8 sums of one lane, in registers: rows R0..R7, each a left and a right quad. Written out, since an array
/// indexed by a loop would live in memory.</summary>
internal struct RegisterTile<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public Quad<T> R0L, R0R, R1L, R1R, R2L, R2R, R3L, R3R, R4L, R4R, R5L, R5R, R6L, R6R, R7L, R7R;

    /// <summary>Adds the product of a column of eight (top, bottom) and a row of eight (left, right).</summary>
    public void Add(Quad<T> top, Quad<T> bottom, Quad<T> left, Quad<T> right)
    {
        R0L = R0L.PlusProduct(top.X, left);
        R0R = R0R.PlusProduct(top.X, right);
        R1L = R1L.PlusProduct(top.Y, left);
        R1R = R1R.PlusProduct(top.Y, right);
        R2L = R2L.PlusProduct(top.Z, left);
        R2R = R2R.PlusProduct(top.Z, right);
        R3L = R3L.PlusProduct(top.W, left);
        R3R = R3R.PlusProduct(top.W, right);
        R4L = R4L.PlusProduct(bottom.X, left);
        R4R = R4R.PlusProduct(bottom.X, right);
        R5L = R5L.PlusProduct(bottom.Y, left);
        R5R = R5R.PlusProduct(bottom.Y, right);
        R6L = R6L.PlusProduct(bottom.Z, left);
        R6R = R6R.PlusProduct(bottom.Z, right);
        R7L = R7L.PlusProduct(bottom.W, left);
        R7R = R7R.PlusProduct(bottom.W, right);
    }

    /// <summary>Puts the sums into C: rows row..row+3 and row+64..row+67, columns likewise.</summary>
    public readonly void Put(GemmTarget<T> c, int at, int row, int column, int half, bool first, bool last)
    {
        c.Put(at, row, column, R0L, first, last);
        c.Put(at, row, column + half, R0R, first, last);
        c.Put(at, row + 1, column, R1L, first, last);
        c.Put(at, row + 1, column + half, R1R, first, last);
        c.Put(at, row + 2, column, R2L, first, last);
        c.Put(at, row + 2, column + half, R2R, first, last);
        c.Put(at, row + 3, column, R3L, first, last);
        c.Put(at, row + 3, column + half, R3R, first, last);
        c.Put(at, row + half, column, R4L, first, last);
        c.Put(at, row + half, column + half, R4R, first, last);
        c.Put(at, row + half + 1, column, R5L, first, last);
        c.Put(at, row + half + 1, column + half, R5R, first, last);
        c.Put(at, row + half + 2, column, R6L, first, last);
        c.Put(at, row + half + 2, column + half, R6R, first, last);
        c.Put(at, row + half + 3, column, R7L, first, last);
        c.Put(at, row + half + 3, column + half, R7R, first, last);
    }
}
