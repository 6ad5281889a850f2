using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

/// <summary>The law: a sum of elements is made in double and rounded once. One large term and many that each vanish beside it
/// in the type of the elements: added there, they would all be lost.</summary>
public sealed class LongSumTests(BackendCase on) : BackendTests(on)
{
    private const int Count = 70, Columns = 9;

    /// <summary>Beside this, one is half a unit in the last place of a float, or less.</summary>
    private const double Large = 33_554_432;

    private double Right => DType == DType.Float32 ? (float)(Large + Count - 1) : Large + Count - 1;

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public void Of_elements_over_any_axes(int kept)
    {
        // Rows of the large one and of ones; over the first axis, the last axis, and all.
        View x = kept switch
        {
            0 => Place([Count, Columns], Terms(across: false)),
            1 => Place([Columns, Count], Terms(across: true)),
            _ => Place([Count, 1], [Large, .. Repeat(1, Count - 1)]),
        };
        View y = kept switch
        {
            0 => Blank([1, Columns]),
            1 => Blank([Columns, 1]),
            _ => Blank([1, 1]),
        };
        B.Sum(x, Into(y));
        Assert.That(Read(y), Is.All.EqualTo(Right));
    }

    [Test]
    public void Of_rows_that_share_an_id()
    {
        View table = Blank([2, Columns]);
        B.ScatterAdd(Place([Count, Columns], Terms(across: false)), PlaceIntegers([Count], new int[Count]), Into(table));
        Assert.That(Read(table).Take(Columns), Is.All.EqualTo(Right));
        Assert.That(Read(table).Skip(Columns), Is.All.Zero);
    }

    [Test]
    public void Of_rows_that_are_added_to_what_was_there()
    {
        View table = Place([1, Columns], Repeat(Large, Columns));
        B.ScatterAdd(Place([Count - 1, Columns], Repeat(1, (Count - 1) * Columns)),
            PlaceIntegers([Count - 1], new int[Count - 1]), AddTo(table));
        Assert.That(Read(table), Is.All.EqualTo(Right));
    }

    [Test]
    public void Of_the_gradients_of_a_bias()
    {
        View dw = Blank([Columns, 2]), sums = Blank([Columns]);
        View dy = Place([Count, Columns], Terms(across: false)), x = Place([Count, 2], new double[Count * 2]);
        B.GemmSum([new GemmTerm(dy.T, x)], Into(dw), Into(sums));
        Assert.That(Read(sums), Is.All.EqualTo(Right));
    }

    [Test]
    public void Of_the_gradients_of_a_layer_norm()
    {
        View x = Place([Count, Columns], Repeat(1, Count * Columns)), dy = Place([Count, Columns], Terms(across: false));
        View mean = Statistics([Count], new double[Count]), one = Statistics([Count], Repeat(1, Count));
        View gamma = Blank([Columns]), beta = Blank([Columns]), rms = Blank([Columns]);
        B.LayerNormWeightGradient(x, mean, one, dy, Into(gamma), Into(beta));
        B.RmsNormWeightGradient(x, one, dy, Into(rms));
        Assert.That(Read(beta), Is.All.EqualTo(Right));
        Assert.That(Read(gamma), Is.All.EqualTo(Right));
        Assert.That(Read(rms), Is.All.EqualTo(Right));
    }

    [Test]
    public void Of_squares()
    {
        double large = DType == DType.Float32 ? 8192 : Math.Sqrt(Large);
        double right = large * large + Count;
        Assert.That(B.SquaredNorm(Place([Count + 1], [large, .. Repeat(1, Count)])), Is.EqualTo(right).Within(1e-15 * right));
    }

    [Test]
    public void Of_the_losses_of_rows()
    {
        // The first row loses Large, each other one log 2.
        double[] logits = [.. Enumerable.Range(0, Count).SelectMany(i => i == 0 ? new[] { 0.0, Large } : [0.0, 0.0])];
        View loss = Blank([]), lse = Statistics([Count]);
        B.CrossEntropy(Place([Count, 2], logits), PlaceIntegers([Count], new int[Count]),
            new CrossEntropyOptions(Reduction.Sum), loss, lse);
        double right = Large + (Count - 1) * Math.Log(2);
        Assert.That(Read(loss)[0], Is.EqualTo(right).Within(DType == DType.Float32 ? 2 : 1e-13 * right));
    }

    /// <summary>The large term first, then ones: along the columns of rows, or along each row.</summary>
    private static double[] Terms(bool across) => [.. Enumerable.Range(0, Count * Columns)
        .Select(i => (across ? i % Count == 0 : i < Columns) ? Large : 1.0)];
}
