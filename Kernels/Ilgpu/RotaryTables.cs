using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Cosines and sines of rotary embeddings on the device, made on the host once for each size.</summary>
internal sealed unsafe class RotaryTables(LaunchDevice device) : IDisposable
{
    private readonly Dictionary<(DType, double Base, int Offset, int Time, int Half), nint> _tables = [];

    /// <summary>cos and sin of (offset + step)·base^(-i/half), rounded once.  [time, half] each</summary>
    public (ArrayView<T> Cos, ArrayView<T> Sin) Of<T>(RotaryOptions options, int time, int half)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int count = time * half;
        var key = (DTypes.Of<T>(), options.Base, options.Offset, time, half);
        if (!_tables.TryGetValue(key, out nint block)) _tables[key] = block = Make<T>(options, time, half);
        return (device.View<T>(block, 0, count), device.View<T>(block, count, count));
    }

    public void Dispose()
    {
        foreach (nint block in _tables.Values) device.Free(block);
        _tables.Clear();
    }

    private nint Make<T>(RotaryOptions options, int time, int half) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int count = time * half;
        T[] values = new T[2 * count];
        for (int step = 0; step < time; step++)
            for (int i = 0; i < half; i++)
            {
                (double sin, double cos) = Math.SinCos((options.Offset + step) * Math.Pow(options.Base, -(double)i / half));
                values[step * half + i] = T.CreateTruncating(cos);
                values[count + step * half + i] = T.CreateTruncating(sin);
            }
        nint block = device.Allocate((long)values.Length * sizeof(T));
        fixed (T* first = values) device.Upload(first, block, 0, (long)values.Length * sizeof(T));
        return block;
    }
}
