using System.Numerics;
using AutogradCore.Kernels.Host;
using AutogradCore.Tests.Backends;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Host;

[Parallelizable]
[Category(BackendCases.VectorCode)]
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
public sealed class FlashAttentionTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static double Tolerance => typeof(T) == typeof(float) ? 2e-5 : 1e-12;

    private static IEnumerable<int[]> Sizes =>
    [
        // B, T, S, Hq, Hkv, D
        [1, 1, 1, 1, 1, 1], [2, 5, 5, 2, 1, 8], [1, 33, 33, 4, 2, 20], [2, 65, 65, 2, 2, 64], [1, 130, 130, 3, 1, 8],
        [1, 5, 70, 2, 1, 20], [1, 70, 5, 2, 2, 8], [1, 130, 65, 1, 1, 64], [1, 1, 200, 2, 1, 16],
    ];

    [TestCaseSource(nameof(Sizes))]
    public void Results_and_gradients_equal_the_plain_formula(int[] sizes)
    {
        using var pool = new WorkerPool(2);
        foreach (SimdLevel level in Enum.GetValues<SimdLevel>())
        {
            using var attention = new FlashAttention(pool, level);
            foreach (bool causal in new[] { false, true })
            {
                using FlashProblem<T> written = new(Shape(sizes, causal)), added = new(Shape(sizes, causal)),
                    before = new(Shape(sizes, causal));
                written.Run(attention, Store.Write);
                written.AssertClose(null, Tolerance);
                added.Run(attention, Store.Add);
                added.AssertClose(before, Tolerance);
            }
        }
    }

    [TestCaseSource(nameof(Sizes))]
    public void The_number_of_threads_does_not_change_a_bit(int[] sizes)
    {
        using FlashProblem<T> first = new(Shape(sizes, true)), second = new(Shape(sizes, true));
        foreach ((FlashProblem<T> problem, int threads) in new[] { (first, 1), (second, 3) })
        {
            using var pool = new WorkerPool(threads);
            using var attention = new FlashAttention(pool);
            problem.Run(attention, Store.Write);
        }

        Assert.Multiple(() =>
        {
            Assert.That(second.O.SameBits(first.O), Is.True, "o");
            Assert.That(second.Lse.SameBits(first.Lse), Is.True, "lse");
            Assert.That(second.Dq.SameBits(first.Dq), Is.True, "dq");
            Assert.That(second.Dk.SameBits(first.Dk), Is.True, "dk");
            Assert.That(second.Dv.SameBits(first.Dv), Is.True, "dv");
        });
    }

    [Test]
    public void A_gradient_that_is_not_wanted_is_not_touched_and_the_others_keep_their_bits()
    {
        FlashShape shape = Shape([2, 33, 33, 4, 2, 20], true);
        using var pool = new WorkerPool(2);
        using var attention = new FlashAttention(pool);
        using FlashProblem<T> all = new(shape), some = new(shape), untouched = new(shape);
        all.Run(attention, Store.Write);
        some.RunValuesOnly(attention);
        Assert.That(some.Dv.SameBits(all.Dv), Is.True);
        Assert.That(some.Dq.SameBits(untouched.Dq), Is.True);
        Assert.That(some.Dk.SameBits(untouched.Dk), Is.True);
    }

    private static FlashShape Shape(int[] s, bool causal) => new(s[0], s[1], s[2], s[3], s[4], s[5], causal, 1 / Math.Sqrt(s[5]));
}
