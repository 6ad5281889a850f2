using System.Runtime.InteropServices;
using AutogradCore.Kernels;
using AutogradCore.Tests.Backends;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Host;

[Parallelizable]
[Category(BackendCases.VectorCode)]
[TestFixture(DType.Float32)]
[TestFixture(DType.Float64)]
public sealed class HostBackendTests(DType dtype)
{
    [TestCaseSource(typeof(HostVerbs), nameof(HostVerbs.Names))]
    public void A_verb_gives_the_same_bits_on_one_two_and_three_threads(string verb)
    {
        foreach ((int rows, int columns) in HostVerbs.Sizes)
        {
            double[] one = RunOn(new HostBackend(1), verb, rows, columns);
            // Two threads differ from three only in where ranges end: once is enough.
            foreach (int threads in rows == HostVerbs.Sizes.Max(size => size.Rows) ? new[] { 2, 3 } : [3])
            {
                double[] more = RunOn(new HostBackend(threads), verb, rows, columns);
                Assert.That(
                    MemoryMarshal.Cast<double, long>(more).SequenceEqual(MemoryMarshal.Cast<double, long>(one)),
                    Is.True,
                    $"{verb} [{rows},{columns}], {threads} threads");
            }
        }
    }

    [TestCaseSource(typeof(HostVerbs), nameof(HostVerbs.Names))]
    public void A_verb_agrees_with_the_reference(string verb) => Agree(verb, HostVerbs.Sizes.Where(size => size.Rows <= 65));

    [TestCaseSource(typeof(HostVerbs), nameof(HostVerbs.Names)), Category(BackendCases.Exhaustive)]
    public void A_verb_of_many_rows_agrees_with_the_reference(string verb) =>
        Agree(verb, HostVerbs.Sizes.Where(size => size.Rows > 65));

    private void Agree(string verb, IEnumerable<(int Rows, int Columns)> sizes)
    {
        double slack = dtype == DType.Float32 ? 2e-5 : 2e-13;
        foreach ((int rows, int columns) in sizes)
        {
            double[] host = RunOn(new HostBackend(2), verb, rows, columns),
                reference = RunOn(new ReferenceBackend(), verb, rows, columns);
            double scale = Math.Max(1, reference.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max());
            for (int i = 0; i < host.Length; i++)
            {
                if (!host[i].Equals(reference[i]) && !(Math.Abs(host[i] - reference[i]) <= slack * scale))
                    Assert.Fail($"{verb} [{rows},{columns}]: element {i} is {host[i]:R}, the reference has {reference[i]:R}");
            }
        }
    }

    [Test]
    public void The_verbs_under_test_are_all_that_a_backend_has()
    {
        string[] moves =
        [
            nameof(IBackend.Upload), nameof(IBackend.Download), nameof(IBackend.Synchronize), nameof(IBackend.Verify),
            nameof(IBackend.IsOrderedWith), nameof(IBackend.Hold),
        ];
        IEnumerable<string> all = typeof(IBackend).GetMethods().Where(m => !m.IsSpecialName).Select(m => m.Name).Distinct();
        Assert.That(HostVerbs.Names.Select(name => name.Split(' ')[0]).Distinct(), Is.EquivalentTo(all.Except(moves)));
    }

    [Test]
    public void A_steady_state_allocates_nothing()
    {
        using HostVerbs verbs = new(new HostBackend(2), dtype, 65, 48);
        string[] names = [.. HostVerbs.Names];
        for (int warm = 0; warm < 3; warm++)
        {
            foreach (string name in names)
                verbs.Run(name);
        }

        foreach (string name in names)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            verbs.Run(name);
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero, name);
        }
    }

    [Test]
    public void Threads_default_to_the_cores_and_a_negative_number_is_refused()
    {
        using HostBackend all = new(), three = new(3);
        Assert.That(all.Threads, Is.EqualTo(Environment.ProcessorCount));
        Assert.That(three.Threads, Is.EqualTo(3));
        Assert.That(three.Name, Is.EqualTo("host"));
        Assert.That(three.SimdLevel, Is.EqualTo(all.SimdLevel));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new HostBackend(-1));
    }

    [TestCase(1)]
    [TestCase(2)]
    public void A_disposed_backend_refuses_verbs(int threads)
    {
        using ReferenceBackend memory = new();
        using Tensor x = new(memory, [4, 4], dtype), y = new(memory, [4, 4], dtype);
        HostBackend backend = new(threads);
        backend.Fill(x.View, 1);
        backend.Dispose();
        Assert.That(() => backend.Fill(x.View, 1), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => backend.Copy(x.View, Destination.Into(y.View)), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => backend.Gemm(x.View, x.View, Destination.Into(y.View)), Throws.TypeOf<ObjectDisposedException>());
        backend.Dispose();
    }

    [Test]
    public void A_sum_of_more_terms_than_fit_one_call_has_the_bits_of_one_product_each()
    {
        using HostVerbs verbs = new(new HostBackend(2), dtype, 33, 17);
        Assert.That(verbs.ManyTermsTogether(70), Is.EqualTo(verbs.ManyTermsApart(70)));
    }

    [Test]
    public void Products_over_outer_axes_agree_with_the_reference_however_the_axes_lie()
    {
        using HostVerbs host = new(new HostBackend(2), dtype, 24, 24), reference = new(new ReferenceBackend(), dtype, 24, 24);
        double slack = dtype == DType.Float32 ? 1e-5 : 1e-13;
        foreach ((double[] actual, double[] expected) in host.OuterProducts().Zip(reference.OuterProducts()))
            Assert.That(actual, Is.EqualTo(expected).Within(slack));
    }

    private double[] RunOn(IBackend backend, string verb, int rows, int columns)
    {
        using HostVerbs verbs = new(backend, dtype, rows, columns);
        verbs.Run(verb);
        return verbs.Results();
    }
}
