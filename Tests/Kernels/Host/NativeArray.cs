using System.Runtime.InteropServices;

namespace AutogradCore.Tests.Kernels.Host;

/// <summary>Native elements for pointer-level kernels, freed by <c>using</c>.</summary>
internal sealed unsafe class NativeArray<T> : IDisposable
    where T : unmanaged
{
    public NativeArray(int count)
    {
        Count = count;
        Pointer = (T*)NativeMemory.AlignedAlloc((nuint)(Math.Max(count, 1) * sizeof(T)), 64);
        Span.Clear();
    }

    public T* Pointer { get; }

    public int Count { get; }

    public Span<T> Span => new(Pointer, Count);

    public static NativeArray<T> Random(int count, int seed)
    {
        var array = new NativeArray<T>(count);
        var random = new Random(seed);
        foreach (ref T value in array.Span)
            value = Of((random.NextDouble() * 2) - 1);
        return array;
    }

    public static NativeArray<T> Filled(int count, double value)
    {
        var array = new NativeArray<T>(count);
        array.Span.Fill(Of(value));
        return array;
    }

    public static T Of(double value) => typeof(T) == typeof(float) ? (T)(object)(float)value : (T)(object)value;

    public double this[int index] => typeof(T) == typeof(float) ? ((float*)Pointer)[index] : ((double*)Pointer)[index];

    public double[] ToDoubles()
    {
        var values = new double[Count];
        for (int i = 0; i < Count; i++)
            values[i] = this[i];
        return values;
    }

    public bool SameBits(NativeArray<T> other) => MemoryMarshal.AsBytes(Span).SequenceEqual(MemoryMarshal.AsBytes(other.Span));

    public void Dispose() => NativeMemory.AlignedFree(Pointer);
}
