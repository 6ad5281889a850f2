using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Where a product's sums go, and what is added on the way: the sum, what C held, bias, residual, in that order; then
/// y = f(C). Each lane finishes the elements it computed, so terms follow each other without a barrier.</summary>
internal struct GemmTarget<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public ArrayView<T> C, Y, Bias, Residual;
    public int M, N, Adds, HasBias, HasResidual, Maps;

    /// <summary>1 where four elements of a row that start at a multiple of four are one aligned <see cref="Quad{T}"/> in every
    /// operand, and rows are whole quads.</summary>
    public int IsAligned;

    /// <summary>Puts one sum into its place.</summary>
    /// <param name="at">Where this batch's C starts.</param>
    /// <param name="row">Row of C; nothing happens beyond the last.</param>
    /// <param name="column">Column of C; nothing happens beyond the last.</param>
    /// <param name="sum">A·B of one term.</param>
    /// <param name="first">Whether this is the first term.</param>
    /// <param name="last">Whether this is the last term.</param>
    public readonly void Put(int at, int row, int column, T sum, bool first, bool last)
    {
        if (row >= M || column >= N) return;
        int i = at + row * N + column;
        T value = sum;
        if (Adds != 0 || !first) value = C[i] + sum;
        if (last && HasBias != 0) value += Bias[column];
        if (last && HasResidual != 0) value += Residual[i];
        C[i] = value;
    }

    /// <summary>Puts four neighbouring sums into their places.</summary>
    public readonly void Put(int at, int row, int column, Quad<T> sum, bool first, bool last)
    {
        if (row >= M || column >= N) return;
        if (IsAligned != 0)
        {
            int i = (at + row * N + column) >> 2;
            Quad<T> value = sum;
            if (Adds != 0 || !first) value = C.Cast<Quad<T>>()[i].Plus(sum);
            if (last && HasBias != 0) value = value.Plus(Bias.Cast<Quad<T>>()[column >> 2]);
            if (last && HasResidual != 0) value = value.Plus(Residual.Cast<Quad<T>>()[i]);
            C.Cast<Quad<T>>()[i] = value;
        }
        else
        {
            Put(at, row, column, sum.X, first, last);
            Put(at, row, column + 1, sum.Y, first, last);
            Put(at, row, column + 2, sum.Z, first, last);
            Put(at, row, column + 3, sum.W, first, last);
        }
    }

    /// <summary>y = f(C) of one finished element; C comes back from the cache, which keeps the function out of the register
    /// tile.</summary>
    public readonly void Map<TOp>(int at, int row, int column) where TOp : struct, IUnary<TOp>
    {
        if (row >= M || column >= N) return;
        int i = at + row * N + column;
        Y[i] = TOp.Apply(C[i]);
    }

    /// <summary>y = f(C) of four neighbours.</summary>
    public readonly void MapFour<TOp>(int at, int row, int column) where TOp : struct, IUnary<TOp>
    {
        if (row >= M || column >= N) return;
        if (IsAligned != 0)
        {
            int i = (at + row * N + column) >> 2;
            Quad<T> c = C.Cast<Quad<T>>()[i];
            Y.Cast<Quad<T>>()[i] = new() { X = TOp.Apply(c.X), Y = TOp.Apply(c.Y), Z = TOp.Apply(c.Z), W = TOp.Apply(c.W) };
        }
        else
        {
            for (int j = 0; j < 4; j++) Map<TOp>(at, row, column + j);
        }
    }
}
