extern alias simt;

using AutogradCore.Tests.Backends;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Ilgpu;
using simt::AutogradCore.Kernels.Simt;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Attention on tensor cores of operands that are BFloat16 in memory: the same results as of floats, rounded.</summary>
[Parallelizable]
public sealed class RoundedAttentionTests
{
    /// <summary>Aligned rows and others, either width, walks over several blocks, several batches and shared heads; the other
    /// sizes are exhaustive.</summary>
    private static IEnumerable<TestCaseData> Sizes =>
        AttentionLadderTests.Sizes.Select((size, i) => LadderCase.Of(i is 0 or 2 or 5 or 6, size));

    [TestCaseSource(nameof(Sizes))]
    public void Results_and_gradients_are_those_of_the_same_floats_rounded(int[] size)
    {
        (Shape queries, Shape keys, Shape sums) =
            ([size[0], size[1], size[3], size[5]], [size[0], size[2], size[4], size[5]], [size[0], size[3], size[1]]);
        AttentionOptions options = new(size[6] == 1);
        using Operands on = new(
            new SimtBackend(new SimtDevice(new SimtOptions { WarpSize = 32 })) { ForcedAttentionRung = AttentionRung.BFloat16 },
            size[1] % 2 == 1 ? 8 : 3);
        double[] q = Values(queries, 1), k = Values(keys, 2), v = Values(keys, 3), dy = Values(queries, 4), old = Values(keys, 5);
        View y = Place(queries, q, DType.Float32), lse = Place(sums, new double[sums.ElementCount], DTypes.Statistics);
        View narrowY = Place(queries, q), sameLse = Place(sums, new double[sums.ElementCount], DTypes.Statistics);
        on.Backend.Attention(Floats(queries, q), Floats(keys, k), Floats(keys, v), options, y, lse);
        on.Backend.Attention(Place(queries, q), Place(keys, k), Place(keys, v), options, narrowY, sameLse);
        Assert.That(on.Read(sameLse), Is.EqualTo(on.Read(lse)));
        Assert.That(on.Read(narrowY), Is.EqualTo(on.Read(y).Select(Round)));

        double[] result = on.Read(narrowY);
        View dq = Floats(queries, q), dk = Floats(keys, old), dv = Floats(keys, v);
        View narrowDq = Place(queries, q), narrowDk = Place(keys, old), narrowDv = Place(keys, v);
        on.Backend.AttentionGradient(Floats(queries, q), Floats(keys, k), Floats(keys, v), Floats(queries, result), lse,
            Floats(queries, dy), options, Into(dq), AddTo(dk), Into(dv));
        on.Backend.AttentionGradient(Place(queries, q), Place(keys, k), Place(keys, v), narrowY, lse,
            Place(queries, dy), options, Into(narrowDq), AddTo(narrowDk), Into(narrowDv));
        Assert.That(on.Read(narrowDq), Is.EqualTo(on.Read(dq).Select(Round)), "dq");
        Assert.That(on.Read(narrowDk), Is.EqualTo(on.Read(dk).Select(Round)), "dk");
        Assert.That(on.Read(narrowDv), Is.EqualTo(on.Read(dv).Select(Round)), "dv");

        View Place(Shape shape, double[] values, DType dtype = DType.BFloat16) =>
            on.Place(shape, values, Layout.Dense, dtype);
        View Floats(Shape shape, double[] values) => Place(shape, values, DType.Float32);
    }

    private static double Round(double x) => (float)(BFloat16)(float)x;

    private static double[] Values(Shape shape, ulong seed)
    {
        double[] values = new double[shape.ElementCount];
        RandomStream.Named("rounded attention", seed).FillNormal(values, 1);
        return [.. values.Select(Round)];
    }
}
