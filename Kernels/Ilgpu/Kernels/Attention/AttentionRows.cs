namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The rows of one head: queries or keys by D features, read and written four features at a time.</summary>
internal struct AttentionRows
{
    public ArrayView<float> X;

    /// <summary>Where row 0 begins.</summary>
    public long Start;

    /// <summary>Elements from one row to the next.</summary>
    public int Stride;

    public int Count, Size;

    /// <summary>1 where rows are whole quads at multiples of 16 bytes.</summary>
    public int IsAligned;

    /// <summary>Four features from <paramref name="d"/> on, a multiple of four; zeros outside.</summary>
    public readonly Quad<float> Four(int row, int d)
    {
        Quad<float> four = default;
        if (row >= Count || d >= Size) return four;
        long at = Start + (long)row * Stride + d;
        if (IsAligned != 0) return X.Cast<Quad<float>>()[at >> 2];
        four.X = X[at];
        if (d + 1 < Size) four.Y = X[at + 1];
        if (d + 2 < Size) four.Z = X[at + 2];
        if (d + 3 < Size) four.W = X[at + 3];
        return four;
    }

    /// <summary>Whether so many rows from <paramref name="first"/> on exist and may be read as quads, in steps of so many
    /// features.</summary>
    public readonly bool AreWhole(int first, int rows, int features) =>
        IsAligned != 0 && first + rows <= Count && Size % features == 0;

    /// <summary>The number of the quad that <see cref="Four"/> reads, where rows are whole.</summary>
    public readonly long QuadAt(int row, int d) => (Start >> 2) + (long)row * (Stride >> 2) + (d >> 2);

    /// <summary>Writes four features, or adds them where <paramref name="adds"/> is not 0; nothing outside.</summary>
    public readonly void Put(int row, int d, Quad<float> four, int adds)
    {
        if (row >= Count || d >= Size) return;
        long at = Start + (long)row * Stride + d;
        if (IsAligned != 0)
        {
            ArrayView<Quad<float>> quads = X.Cast<Quad<float>>();
            quads[at >> 2] = adds != 0 ? quads[at >> 2].Plus(four) : four;
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
            ArrayView<Pair<float>> pairs = X.Cast<Pair<float>>();
            pairs[at >> 1] = adds != 0 ? pairs[at >> 1].Plus(two) : two;
            return;
        }
        Put(at, two.X, adds);
        if (d + 1 < Size) Put(at + 1, two.Y, adds);
    }

    private readonly void Put(long at, float value, int adds) => X[at] = adds != 0 ? X[at] + value : value;
}
