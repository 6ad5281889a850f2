using AutogradCore.Kernels;
using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Host;

/// <summary>Conversions between floats and BFloat16 by vectors, against those of the type itself, bit for bit.</summary>
public sealed class RoundedRangeTests
{
    private static readonly uint[] LowerHalves = [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff];

    [Test]
    public void Every_float_near_a_tie_is_rounded_as_the_type_does_it([Values(1, 3)] int threads)
    {
        float[] floats = [.. Enumerable.Range(0, 1 << 16).SelectMany(
            upper => LowerHalves.Select(lower => BitConverter.UInt32BitsToSingle((uint)upper << 16 | lower)))];
        using HostBackend host = new(threads);
        // One element more: the last vector is not whole.
        foreach (int length in new[] { floats.Length, floats.Length - 1 })
        {
            using Tensor x = Tensor.From<float>(host, floats.AsSpan(0, length), [length]);
            using Tensor y = new(host, [length], DType.BFloat16);
            host.Cast(x.View, Into(y.View));
            BFloat16[] rounded = y.ToArray<BFloat16>();
            for (int i = 0; i < length; i++)
                if (rounded[i] != (BFloat16)floats[i]) Assert.Fail($"{floats[i]} became {rounded[i]}, not {(BFloat16)floats[i]}");
        }
    }

    [Test]
    public void Every_value_is_widened_exactly_and_sums_are_rounded_once()
    {
        BFloat16[] all = [.. Enumerable.Range(0, 1 << 16).Select(bits => new BFloat16((ushort)bits))];
        using HostBackend host = new(2);
        using Tensor x = Tensor.From<BFloat16>(host, all, [all.Length]), y = new(host, [all.Length], DType.Float32);
        host.Copy(x.View, Into(y.View));
        Assert.That(y.ToArray<float>(), Is.EqualTo(all.Select(b => (float)b)));
        host.Fill(y.View, 1.0 / 3);
        host.Cast(y.View, AddTo(x.View));
        Assert.That(x.ToArray<BFloat16>(), Is.EqualTo(all.Select(b => (BFloat16)((float)b + (1f / 3)))));
        host.Copy(x.View, AddTo(x.View));
        Assert.That(x.ToArray<BFloat16>().Select(b => (float)b),
            Is.EqualTo(all.Select(b => (float)(BFloat16)(2 * (float)(BFloat16)((float)b + (1f / 3))))));
    }
}
