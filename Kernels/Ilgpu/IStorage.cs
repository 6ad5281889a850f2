namespace AutogradCore.Kernels.Ilgpu;

/// <summary>How numbers of one type lie in memory, as a type that kernels are compiled with: they compute with
/// <typeparamref name="T"/>, and read and write <typeparamref name="TStored"/>.</summary>
internal interface IStorage<TStored, T>
{
    /// <summary>What is stored, as the number it stands for.</summary>
    static abstract T Load(TStored stored);

    /// <summary>The number, rounded to what can be stored.</summary>
    static abstract TStored Store(T x);
}

/// <summary>Numbers that are stored as they are.</summary>
internal readonly struct AsIs<T> : IStorage<T, T>
{
    public static T Load(T stored) => stored;

    public static T Store(T x) => x;
}

/// <summary>Floats stored as <see cref="BFloat16"/>, the upper half of their bits: to nearest, ties to even; NaN stays
/// NaN.</summary>
/// <remarks>On the device, what <see cref="BFloat16"/>'s own conversions are on the host.</remarks>
internal readonly struct AsBFloat16 : IStorage<ushort, float>
{
    public static float Load(ushort stored) => BitConverter.Int32BitsToSingle((int)((uint)stored << 16));

    public static ushort Store(float x)
    {
        uint bits = (uint)BitConverter.SingleToInt32Bits(x), upper = bits >> 16;
        uint rounded = (bits + 0x7FFF + (upper & 1)) >> 16;
        return (ushort)(float.IsNaN(x) ? upper | 0x40 : rounded);
    }
}

/// <summary>Floats that are computed with in double, and rounded once when they are stored.</summary>
internal readonly struct SingleInDouble : IStorage<float, double>
{
    public static double Load(float stored) => stored;

    public static float Store(double x) => (float)x;
}

/// <summary><see cref="BFloat16"/> that is computed with in double, and rounded by way of a float when it is stored.</summary>
internal readonly struct BFloat16InDouble : IStorage<ushort, double>
{
    public static double Load(ushort stored) => AsBFloat16.Load(stored);

    public static ushort Store(double x) => AsBFloat16.Store((float)x);
}
