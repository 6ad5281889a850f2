extern alias simt;

using AutogradCore.Tests.Backends;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Simt;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Softmax, its logarithm and cross-entropy of rows that fit into their group's registers and of longer ones, of whole
/// fours and others.</summary>
[Parallelizable]
public sealed class RowTests
{
    private static readonly int[] Guards = [3, 16];

    private delegate void Verb(IBackend b, View x, View z, View y);

    private static readonly (string Name, Verb Run)[] Verbs =
    [
        ("softmax", (b, x, _, y) => b.Softmax(x, Into(y))),
        ("log-softmax", (b, x, _, y) => b.LogSoftmax(x, Into(y))),
        ("softmax gradient", (b, x, z, y) => b.SoftmaxGradient(x, z, AddTo(y))),
        ("log-softmax gradient", (b, x, z, y) => b.LogSoftmaxGradient(x, z, AddTo(y))),
    ];

    /// <summary>Sums of so many terms below e^4 in floats, of any order, and one rounding of what is stored.</summary>
    [Test]
    public void Results_are_the_references_but_for_roundoff_and_do_not_depend_on_where_rows_start(
        [Values(DType.Float32, DType.BFloat16)] DType dtype, [Values(4, 30, 32, 100, 256, 260, 1001, 1024)] int length)
    {
        Shape shape = [3, length];
        double[] x = Values(shape, 1, dtype), z = Values(shape, 2, dtype);
        foreach ((string name, Verb run) in Verbs)
        {
            double[] expected = On(new ReferenceBackend(), Guards[0], DType.Float64), first = [];
            foreach (int guard in Guards)
            {
                double[] found = On(new SimtBackend(), guard, dtype);
                for (int i = 0; i < found.Length; i++)
                    Assert.That(found[i], Is.EqualTo(expected[i]).Within(Allowed(expected[i])), $"{name} [{i}]");
                if (first.Length == 0) first = found;
                Assert.That(found, Is.EqualTo(first), $"{name}: bits");
            }

            double[] On(IBackend backend, int guard, DType type)
            {
                using Operands on = new(backend, guard);
                View y = on.Place(shape, z, Layout.Dense, type);
                run(backend, on.Place(shape, x, Layout.Dense, type), on.Place(shape, z, Layout.Dense, type), y);
                backend.Synchronize();
                return on.Read(y);
            }
        }

        double Allowed(double value) => length * 64 * Math.ScaleB(1, -24) * Math.Max(1, Math.Abs(value))
            + (dtype == DType.BFloat16 ? BFloat16.UnitRoundoff * Math.Abs(value) : 0);
    }

    [Test]
    public void Cross_entropy_with_smoothing_is_the_references_but_for_roundoff([Values(4, 30, 260, 1024)] int classes)
    {
        Shape shape = [3, classes];
        double[] x = Values(shape, 1, DType.Float32);
        double[] expected = On(new ReferenceBackend(), Guards[0], DType.Float64);
        foreach (int guard in Guards)
            Assert.That(On(new SimtBackend(), guard, DType.Float32),
                Is.EqualTo(expected).Within(classes * 64 * Math.ScaleB(1, -24)));

        double[] On(IBackend backend, int guard, DType type)
        {
            using Operands on = new(backend, guard);
            CrossEntropyOptions options = new(IgnoreIndex: 2, LabelSmoothing: 0.1);
            View logits = on.Place(shape, x, Layout.Dense, type), dlogits = on.Place(shape, x, Layout.Dense, type);
            View targets = on.Place([3], [0, 2, classes - 1], Layout.Dense, DType.Int32);
            View loss = on.Place([], [0], Layout.Dense, type);
            View lse = on.Place([3], new double[3], Layout.Dense, DTypes.Statistics);
            backend.CrossEntropy(logits, targets, options, loss, lse);
            backend.CrossEntropyGradient(
                logits, targets, lse, on.Place([], [2], Layout.Dense, type), options, Into(dlogits));
            backend.Synchronize();
            return [.. on.Read(loss), .. on.Read(lse), .. on.Read(dlogits)];
        }
    }

    [Test]
    public void Rows_with_elements_that_are_not_finite_are_the_references([Values(32, 300)] int length)
    {
        foreach (double odd in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
            foreach (int count in new[] { 1, length })
            {
                double[] x = [.. Enumerable.Range(0, length).Select(i => i >= length - count ? odd : 1)];
                Assert.That(On(new SimtBackend()),
                    Is.EqualTo(On(new ReferenceBackend())).Within(length * 64 * Math.ScaleB(1, -24)), $"{count} of {odd}");

                double[] On(IBackend backend)
                {
                    using Operands on = new(backend, Guards[1]);
                    View logits = on.Place([1, length], x, Layout.Dense, DType.Float32);
                    View y = on.Place([1, length], x, Layout.Dense, DType.Float32);
                    View log = on.Place([1, length], x, Layout.Dense, DType.Float32);
                    backend.Softmax(logits, Into(y));
                    backend.LogSoftmax(logits, Into(log));
                    backend.Synchronize();
                    return [.. on.Read(y), .. on.Read(log)];
                }
            }
    }

    private static double[] Values(Shape shape, ulong seed, DType dtype)
    {
        double[] values = new double[shape.ElementCount];
        RandomStream.Named("rows", seed).FillNormal(values, 1);
        return [.. values.Select(v => dtype == DType.BFloat16 ? (float)(BFloat16)(float)v : (float)v)];
    }
}
