namespace AutogradCore.Kernels.Ilgpu;

/// <summary>How floats lie in memory, as they are or rounded, one by one and in neighbours.</summary>
internal interface IFloatStorage<TStored> : IStorage<TStored, float> where TStored : unmanaged
{
    /// <summary>Pair number <paramref name="i"/> of a view that starts at a multiple of two.</summary>
    static abstract Pair<float> LoadPair(ArrayView<TStored> view, long i);

    /// <summary>Stores a pair.</summary>
    static abstract void StorePair(ArrayView<TStored> view, long i, Pair<float> x);

    /// <summary>Quad number <paramref name="i"/> of a view that starts at a multiple of four.</summary>
    static abstract Quad<float> LoadFour(ArrayView<TStored> view, long i);

    /// <summary>Stores a quad.</summary>
    static abstract void StoreFour(ArrayView<TStored> view, long i, Quad<float> x);
}

/// <summary>Floats as they are.</summary>
internal readonly struct FloatStorage : IFloatStorage<float>
{
    public static float Load(float stored) => stored;

    public static float Store(float x) => x;

    public static Pair<float> LoadPair(ArrayView<float> view, long i) => view.Cast<Pair<float>>()[i];

    public static void StorePair(ArrayView<float> view, long i, Pair<float> x) => view.Cast<Pair<float>>()[i] = x;

    public static Quad<float> LoadFour(ArrayView<float> view, long i) => view.Cast<Quad<float>>()[i];

    public static void StoreFour(ArrayView<float> view, long i, Quad<float> x) => view.Cast<Quad<float>>()[i] = x;
}

/// <summary>Floats rounded to <see cref="BFloat16"/>, two in a word, the first in the lower half.</summary>
internal readonly struct BFloat16Storage : IFloatStorage<ushort>
{
    public static float Load(ushort stored) => AsBFloat16.Load(stored);

    public static ushort Store(float x) => AsBFloat16.Store(x);

    public static Pair<float> LoadPair(ArrayView<ushort> view, long i)
    {
        uint word = view.Cast<uint>()[i];
        return new() { X = Low(word), Y = High(word) };
    }

    public static void StorePair(ArrayView<ushort> view, long i, Pair<float> x) =>
        view.Cast<uint>()[i] = Word(x.X, x.Y);

    public static Quad<float> LoadFour(ArrayView<ushort> view, long i)
    {
        Words2 words = view.Cast<Words2>()[i];
        return new() { X = Low(words.X), Y = High(words.X), Z = Low(words.Y), W = High(words.Y) };
    }

    public static void StoreFour(ArrayView<ushort> view, long i, Quad<float> x) =>
        view.Cast<Words2>()[i] = new() { X = Word(x.X, x.Y), Y = Word(x.Z, x.W) };

    private static uint Word(float low, float high) => (uint)Store(low) & 0xffff | (uint)Store(high) << 16;

    private static float Low(uint word) => BitConverter.Int32BitsToSingle((int)(word << 16));

    private static float High(uint word) => BitConverter.Int32BitsToSingle((int)(word & 0xffff0000));
}
