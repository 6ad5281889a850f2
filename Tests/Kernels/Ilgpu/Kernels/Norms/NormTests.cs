extern alias simt;

using AutogradCore.Tests.Backends;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Simt;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Both norms of rows that fit into their group's registers and of longer ones, of whole fours and others.</summary>
public sealed class NormTests
{
    private const double Epsilon = 1e-5;

    private static readonly int[] Guards = [3, 16];

    /// <summary>Sums of so many terms of size 1 in floats, of any order, and one rounding of what is stored.</summary>
    [Test]
    public void Results_are_the_references_but_for_roundoff_and_do_not_depend_on_where_rows_start(
        [Values(DType.Float32, DType.BFloat16)] DType dtype, [Values(4, 30, 256, 260, 1001, 1024)] int length,
        [Values] bool isRms)
    {
        Shape shape = [2, length];
        double[] x = Values(2 * length, 1, dtype), dy = Values(2 * length, 2, dtype), gains = Values(length, 3, dtype);
        double[] expected = On(new ReferenceBackend(), Guards[0], DType.Float64, DType.Float64), first = [];
        foreach (int guard in Guards)
        {
            double[] found = On(new SimtBackend(), guard, dtype, DType.Float32);
            for (int i = 0; i < found.Length; i++)
                Assert.That(found[i], Is.EqualTo(expected[i]).Within(Allowed(expected[i])), $"[{i}]");
            if (first.Length == 0) first = found;
            Assert.That(found, Is.EqualTo(first), "bits");
        }

        double[] On(IBackend backend, int guard, DType stored, DType sums)
        {
            using Operands on = new(backend, guard);
            View Put(double[] values) => on.Place(shape, values, Layout.Dense, stored);
            View input = Put(x), y = Put(dy), dx = Put(dy), slope = Put(dy);
            View gamma = on.Place([length], gains, Layout.Dense, sums), beta = on.Place([length], gains, Layout.Dense, sums);
            View mean = on.Place([2], [0, 0], Layout.Dense, DTypes.Statistics);
            View factor = on.Place([2], [0, 0], Layout.Dense, DTypes.Statistics);
            if (isRms)
            {
                backend.RmsNorm(input, gamma, Epsilon, AddTo(y), factor);
                backend.RmsNormInputGradient(input, gamma, factor, slope, Into(dx));
            }
            else
            {
                backend.LayerNorm(input, gamma, beta, Epsilon, AddTo(y), mean, factor);
                backend.LayerNormInputGradient(input, gamma, mean, factor, slope, Into(dx));
            }
            backend.Synchronize();
            return [.. on.Read(y), .. on.Read(dx), .. on.Read(mean), .. on.Read(factor)];
        }

        double Allowed(double value) => length * 64 * Math.ScaleB(1, -24) * Math.Max(1, Math.Abs(value))
            + (dtype == DType.BFloat16 ? BFloat16.UnitRoundoff * Math.Abs(value) : 0);
    }

    private static double[] Values(int count, ulong seed, DType dtype)
    {
        double[] values = new double[count];
        RandomStream.Named("norms", seed).FillNormal(values, 1);
        return [.. values.Select(v => dtype == DType.BFloat16 ? (float)(BFloat16)(float)v : (float)v)];
    }
}
