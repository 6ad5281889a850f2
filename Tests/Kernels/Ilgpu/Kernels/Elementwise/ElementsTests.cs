extern alias simt;

using AutogradCore.Tests.Backends;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Simt;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Elementwise verbs take dense operands four elements at a time, and others one by one: same numbers.</summary>
public sealed class ElementsTests
{
    /// <summary>Elements around the guard that starts a view in between, and at a multiple of 16 bytes in every type.</summary>
    private static readonly int[] Guards = [3, 16];

    private delegate void Verb(IBackend b, View x, View z, View mask, Destination y);

    private static readonly (string Name, Verb Run)[] Verbs =
    [
        ("map", (b, x, _, _, y) => b.Map<Relu.Function>(x, y)),
        ("zip", (b, x, z, _, y) => b.Zip<Add.Function>(x, z, y)),
        ("affine", (b, x, _, _, y) => b.Affine(x, 0.5, 2, y)),
        ("copy", (b, x, _, _, y) => b.Copy(x, y)),
        ("where", (b, x, z, mask, y) => b.Where(mask, x, z, y)),
        ("where it is", (b, x, _, mask, y) => b.Where(mask, x, default, y)),
        ("dropout", (b, x, _, _, y) => b.Dropout(x, 0.25, RandomStream.Named("elements", 1), y)),
    ];

    /// <summary>Operands are small multiples of 1/8, with which every type computes exactly; the division of dropout is rounded
    /// alike.</summary>
    [Test]
    public void Results_are_the_references_however_many_elements_there_are_and_wherever_they_start(
        [Values(DType.Float32, DType.Float64, DType.BFloat16)] DType dtype,
        [Values(1, 3, 4, 7, 64, 255, 256, 259, 1030)] int count)
    {
        Shape shape = [count];
        double[] x = Values(count, 1), z = Values(count, 2), mask = [.. Values(count, 3).Select(v => v > 0 ? 1.0 : 0)];
        foreach ((string name, Verb run) in Verbs)
            foreach (bool adds in new[] { false, true })
            {
                double[] expected = On(new ReferenceBackend(), Guards[0]);
                foreach (int guard in Guards)
                    Assert.That(On(new SimtBackend(), guard), Is.EqualTo(expected),
                        $"{name}, {(adds ? "added" : "written")}, {guard} elements before");

                double[] On(IBackend backend, int guard)
                {
                    using Operands on = new(backend, guard);
                    View y = on.Place(shape, z, Layout.Dense, dtype);
                    run(backend, on.Place(shape, x, Layout.Dense, dtype), on.Place(shape, z, Layout.Dense, dtype),
                        on.Place(shape, mask, Layout.Dense, DType.Bool), adds ? AddTo(y) : Into(y));
                    backend.Synchronize();
                    return on.Read(y);
                }
            }
    }

    [TestCase(DType.Float32, DType.BFloat16)]
    [TestCase(DType.BFloat16, DType.Float32)]
    [TestCase(DType.Float32, DType.Float64)]
    [TestCase(DType.Float64, DType.Int32)]
    [TestCase(DType.Int32, DType.Float32)]
    [TestCase(DType.Float32, DType.Bool)]
    public void Casts_are_the_references(DType from, DType to)
    {
        const int count = 259;
        double[] x = [.. Values(count, 1).Select(v => from == DType.Int32 ? Math.Round(v) : v)];
        double[] expected = On(new ReferenceBackend(), Guards[0]);
        foreach (int guard in Guards)
            Assert.That(On(new SimtBackend(), guard), Is.EqualTo(expected), $"{guard} before");

        double[] On(IBackend backend, int guard)
        {
            using Operands on = new(backend, guard);
            View y = on.Place([count], new double[count], Layout.Dense, to);
            backend.Cast(on.Place([count], x, Layout.Dense, from), Into(y));
            backend.Synchronize();
            return on.Read(y);
        }
    }

    private static double[] Values(int count, ulong seed) =>
        [.. Enumerable.Range(0, count).Select(i => (RandomStream.Named("elements", seed).Below(i, 33) - 16) / 8.0)];
}
