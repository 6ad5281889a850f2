namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The rows of one head: queries or keys by D features, read and written four features at a time.</summary>
internal struct AttentionRows<TStored, TStorage>
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
{
    public ArrayView<TStored> X;

    /// <summary>Where row 0 begins.</summary>
    public long Start;

    /// <summary>Elements from one row to the next.</summary>
    public int Stride;

    public int Count, Size;

    /// <summary>1 where rows are whole quads at multiples of a quad.</summary>
    public int IsAligned;

    /// <summary>A feature; zero outside.</summary>
    public readonly float One(int row, int d) =>
        row < Count && d < Size ? TStorage.Load(X[Start + (long)row * Stride + d]) : 0;

    /// <summary>Four features from <paramref name="d"/> on, a multiple of four; zeros outside.</summary>
    public readonly Quad<float> Four(int row, int d)
    {
        Quad<float> four = default;
        if (row >= Count || d >= Size) return four;
        long at = Start + (long)row * Stride + d;
        if (IsAligned != 0) return TStorage.LoadFour(X, at >> 2);
        four.X = TStorage.Load(X[at]);
        if (d + 1 < Size) four.Y = TStorage.Load(X[at + 1]);
        if (d + 2 < Size) four.Z = TStorage.Load(X[at + 2]);
        if (d + 3 < Size) four.W = TStorage.Load(X[at + 3]);
        return four;
    }

    /// <summary>Whether so many rows from <paramref name="first"/> on exist and may be read as quads, in steps of so many
    /// features.</summary>
    public readonly bool AreWhole(int first, int rows, int features) =>
        IsAligned != 0 && first + rows <= Count && Size % features == 0;

    /// <summary>The number of the quad that <see cref="Four"/> reads, where rows are whole.</summary>
    public readonly long QuadAt(int row, int d) => (Start >> 2) + (long)row * (Stride >> 2) + (d >> 2);

    /// <summary>A quad by its number.</summary>
    public readonly Quad<float> Whole(long quad) => TStorage.LoadFour(X, quad);

    /// <summary>Writes four features, or adds them where <paramref name="adds"/> is not 0; nothing outside.</summary>
    public readonly void Put(int row, int d, Quad<float> four, int adds)
    {
        if (row >= Count || d >= Size) return;
        long at = Start + (long)row * Stride + d;
        if (IsAligned != 0)
        {
            TStorage.StoreFour(X, at >> 2, adds != 0 ? TStorage.LoadFour(X, at >> 2).Plus(four) : four);
            return;
        }
        Put(at, four.X, adds);
        if (d + 1 < Size) Put(at + 1, four.Y, adds);
        if (d + 2 < Size) Put(at + 2, four.Z, adds);
        if (d + 3 < Size) Put(at + 3, four.W, adds);
    }

    /// <summary>Writes or adds two features from <paramref name="d"/> on, an even number; nothing outside.</summary>
    public readonly void Put(int row, int d, Pair<float> two, int adds)
    {
        if (row >= Count || d >= Size) return;
        long at = Start + (long)row * Stride + d;
        if (IsAligned != 0)
        {
            TStorage.StorePair(X, at >> 1, adds != 0 ? TStorage.LoadPair(X, at >> 1).Plus(two) : two);
            return;
        }
        Put(at, two.X, adds);
        if (d + 1 < Size) Put(at + 1, two.Y, adds);
    }

    private readonly void Put(long at, float value, int adds) =>
        X[at] = TStorage.Store(adds != 0 ? TStorage.Load(X[at]) + value : value);
}
