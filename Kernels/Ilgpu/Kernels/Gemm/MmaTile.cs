namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The 64x32 sums of one warp: 4x4 fragments of 16x8, four floats of each in every lane, in registers.</summary>
internal struct MmaTile
{
    public Quad<float> C00, C01, C02, C03, C10, C11, C12, C13, C20, C21, C22, C23, C30, C31, C32, C33;

    /// <summary>Adds 16 rows of A times 32 columns of B to each of four rows of fragments.</summary>
    public void Add<TFormat>(Words4 a0, Words4 a1, Words4 a2, Words4 a3, Words4 b01, Words4 b23)
        where TFormat : struct, IMmaFormat
    {
        Words2 b0 = new() { X = b01.X, Y = b01.Y }, b1 = new() { X = b01.Z, Y = b01.W };
        Words2 b2 = new() { X = b23.X, Y = b23.Y }, b3 = new() { X = b23.Z, Y = b23.W };
        C00 = TFormat.Multiply(C00, a0, b0);
        C01 = TFormat.Multiply(C01, a0, b1);
        C02 = TFormat.Multiply(C02, a0, b2);
        C03 = TFormat.Multiply(C03, a0, b3);
        C10 = TFormat.Multiply(C10, a1, b0);
        C11 = TFormat.Multiply(C11, a1, b1);
        C12 = TFormat.Multiply(C12, a1, b2);
        C13 = TFormat.Multiply(C13, a1, b3);
        C20 = TFormat.Multiply(C20, a2, b0);
        C21 = TFormat.Multiply(C21, a2, b1);
        C22 = TFormat.Multiply(C22, a2, b2);
        C23 = TFormat.Multiply(C23, a2, b3);
        C30 = TFormat.Multiply(C30, a3, b0);
        C31 = TFormat.Multiply(C31, a3, b1);
        C32 = TFormat.Multiply(C32, a3, b2);
        C33 = TFormat.Multiply(C33, a3, b3);
    }

    /// <summary>Puts the sums into C; row and column are those of the lane's first element.</summary>
    public readonly void Put<TStored, TStorage>(RoundedTarget<TStored> c, int at, int row, int column, bool first, bool last)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        PutRow<TStored, TStorage>(c, at, row, column, C00, C01, C02, C03, first, last);
        PutRow<TStored, TStorage>(c, at, row + 16, column, C10, C11, C12, C13, first, last);
        PutRow<TStored, TStorage>(c, at, row + 32, column, C20, C21, C22, C23, first, last);
        PutRow<TStored, TStorage>(c, at, row + 48, column, C30, C31, C32, C33, first, last);
    }

    private static void PutRow<TStored, TStorage>(RoundedTarget<TStored> c, int at, int row, int column,
        Quad<float> f0, Quad<float> f1, Quad<float> f2, Quad<float> f3, bool first, bool last)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        PutFragment<TStored, TStorage>(c, at, row, column, f0, first, last);
        PutFragment<TStored, TStorage>(c, at, row, column + 8, f1, first, last);
        PutFragment<TStored, TStorage>(c, at, row, column + 16, f2, first, last);
        PutFragment<TStored, TStorage>(c, at, row, column + 24, f3, first, last);
    }

    /// <summary>A fragment's lane has two neighbours in one row and two in the row eight below.</summary>
    private static void PutFragment<TStored, TStorage>(
        RoundedTarget<TStored> c, int at, int row, int column, Quad<float> sums, bool first, bool last)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        c.PutPair<TStorage>(at, row, column, sums.X, sums.Y, first, last);
        c.PutPair<TStorage>(at, row + 8, column, sums.Z, sums.W, first, last);
    }
}
