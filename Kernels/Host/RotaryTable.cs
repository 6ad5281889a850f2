using System.Numerics;

namespace AutogradCore.Kernels.Host;

/// <summary>Cosines and sines of the rotary embedding, [T, D/2] each;
/// kept, since every layer of every step asks for the same.</summary>
internal sealed class RotaryTable(Scratch memory)
{
    private const int SlotCosines = 1, SlotSines = 2;

    private (RotaryOptions? Options, int Time, int Half, Type? Element) _key;

    /// <summary>The tables for options, <paramref name="time"/> steps and <paramref name="half"/> pairs.</summary>
    public unsafe void Get<T>(RotaryOptions options, int time, int half, out T* cosines, out T* sines)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        cosines = memory.Get<T>(SlotCosines, ((long)time * half) + 1);
        sines = memory.Get<T>(SlotSines, ((long)time * half) + 1);
        if (options.Equals(_key.Options) && (_key.Time, _key.Half, _key.Element) == (time, half, typeof(T)))
            return;
        _key = default;
        for (int i = 0; i < half; i++)
        {
            double frequency = Math.Pow(options.Base, -2.0 * i / (2 * half));
            for (int step = 0; step < time; step++)
            {
                double angle = (options.Offset + step) * frequency;
                (double sin, double cos) = Math.SinCos(options.Inverse ? -angle : angle);
                cosines[(step * half) + i] = T.CreateTruncating(cos);
                sines[(step * half) + i] = T.CreateTruncating(sin);
            }
        }

        _key = (options, time, half, typeof(T));
    }
}
