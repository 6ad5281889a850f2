using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class RandomStreamTests
{
    private const int Count = 100_000;
    private static readonly RandomStream Stream = RandomStream.Named("test", seed: 42);

    [Test]
    public void A_value_depends_on_its_index_only()
    {
        float[] all = new float[1000], part = new float[37];
        double[] normals = new double[1000], normalPart = new double[37];
        Stream.FillUniform(all);
        Stream.FillNormal(normals);
        foreach (int first in new[] { 0, 1, 2, 3, 4, 501, 963 })
        {
            Stream.FillUniform(part, first);
            Stream.FillNormal(normalPart, first: first);
            Assert.That(part, Is.EqualTo(all[first..(first + 37)]), $"first = {first}");
            Assert.That(normalPart, Is.EqualTo(normals[first..(first + 37)]), $"first = {first}");
        }
        Assert.That(Enumerable.Range(0, 1000).Select(i => Stream.Uniform(i)), Is.EqualTo(all));
        Assert.That(Enumerable.Range(0, 1000).Select(i => Stream.Normal(i)), Is.EqualTo(normals));
    }

    [Test]
    public void Float_normals_are_the_double_normals_rounded()
    {
        float[] narrow = new float[700];
        double[] wide = new double[700];
        Stream.FillNormal(narrow, 0.02, first: 3);
        Stream.FillNormal(wide, 0.02, first: 3);
        Assert.That(narrow, Is.EqualTo(wide.Select(x => (float)x)));
    }

    [Test]
    public void Keys_and_streams_give_unrelated_sequences()
    {
        RandomStream[] streams = [Stream, Stream with { Stream = 1 }, Stream with { Key = Stream.Key + 1 }];
        foreach (RandomStream a in streams)
            foreach (RandomStream b in streams.Where(b => b != a))
            {
                double correlation = Enumerable.Range(0, Count).Sum(i => a.Normal(i) * b.Normal(i)) / Count;
                Assert.That(correlation, Is.Zero.Within(5 / Math.Sqrt(Count)), $"{a} against {b}");
            }
    }

    [Test]
    public void Uniform_values_have_the_moments_of_the_uniform_distribution()
    {
        double[] u = [.. Enumerable.Range(0, Count).Select(i => (double)Stream.Uniform(i))];
        double[] v = [.. Enumerable.Range(0, Count).Select(i => Stream.UniformDouble(i))];
        foreach (double[] x in new[] { u, v })
        {
            Assert.That(x.Average(), Is.EqualTo(0.5).Within(5 / Math.Sqrt(12.0 * Count)));
            Assert.That(x.Average(a => a * a), Is.EqualTo(1 / 3.0).Within(5 * Math.Sqrt(4 / 45.0 / Count)));
            Assert.That(x.Min(), Is.GreaterThanOrEqualTo(0));
            Assert.That(x.Max(), Is.LessThan(1));
        }
    }

    [Test]
    public void Normal_values_have_the_moments_of_the_normal_distribution()
    {
        double[] z = [.. Enumerable.Range(0, Count).Select(i => Stream.Normal(i))];
        double sigmas = 5 / Math.Sqrt(Count);
        Assert.That(z.Average(), Is.Zero.Within(sigmas));
        Assert.That(z.Average(x => x * x), Is.EqualTo(1).Within(sigmas * Math.Sqrt(2)));
        Assert.That(z.Average(x => x * x * x), Is.Zero.Within(sigmas * Math.Sqrt(15)));
        Assert.That(z.Average(x => x * x * x * x), Is.EqualTo(3).Within(sigmas * Math.Sqrt(96)));
        double pairs = Enumerable.Range(0, Count / 2).Average(i => z[2 * i] * z[(2 * i) + 1]);
        Assert.That(pairs, Is.Zero.Within(sigmas * Math.Sqrt(2)));
    }

    [Test]
    public void Below_is_uniform_over_its_range()
    {
        const int bound = 10;
        int[] counts = new int[bound];
        for (int i = 0; i < Count; i++)
            counts[Stream.Below(i, bound)]++;
        double expected = Count / (double)bound;
        double chiSquare = counts.Sum(c => (c - expected) * (c - expected) / expected);
        Assert.That(chiSquare, Is.LessThan(27.88), "99.9th percentile of chi-square with 9 degrees of freedom");
    }
}
