namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Where a product of <see cref="BFloat16"/> stores floats: as they are, or rounded.</summary>
internal interface IRoundedStorage<TStored> : IStorage<TStored, float> where TStored : unmanaged
{
    /// <summary>Pair number <paramref name="i"/> of a view that starts at a multiple of two.</summary>
    static abstract Pair<float> LoadPair(ArrayView<TStored> view, int i);

    /// <summary>Stores a pair.</summary>
    static abstract void StorePair(ArrayView<TStored> view, int i, Pair<float> x);
}

/// <summary>Floats as they are: gradients of weights.</summary>
internal readonly struct FloatResult : IRoundedStorage<float>
{
    public static float Load(float stored) => stored;

    public static float Store(float x) => x;

    public static Pair<float> LoadPair(ArrayView<float> view, int i) => view.Cast<Pair<float>>()[i];

    public static void StorePair(ArrayView<float> view, int i, Pair<float> x) => view.Cast<Pair<float>>()[i] = x;
}

/// <summary>Floats rounded to <see cref="BFloat16"/>, two in a word: activations and their gradients.</summary>
internal readonly struct BFloat16Result : IRoundedStorage<ushort>
{
    public static float Load(ushort stored) => AsBFloat16.Load(stored);

    public static ushort Store(float x) => AsBFloat16.Store(x);

    public static Pair<float> LoadPair(ArrayView<ushort> view, int i)
    {
        uint word = view.Cast<uint>()[i];
        return new()
        {
            X = BitConverter.UInt32BitsToSingle(word << 16),
            Y = BitConverter.UInt32BitsToSingle(word & 0xffff0000),
        };
    }

    public static void StorePair(ArrayView<ushort> view, int i, Pair<float> x) =>
        view.Cast<uint>()[i] = (uint)Store(x.X) & 0xffff | (uint)Store(x.Y) << 16;
}
