using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

public sealed class CrossEntropyTests(BackendCase on) : BackendTests(on)
{
    private const int Ignored = -100;
    private static readonly Shape[] Shapes = [[1, 1], [1, 33], [31, 5], [32, 32], [7, 100]];

    [Test]
    public void Loss_and_log_sums_follow_the_formula([Values] Reduction reduction, [Values(0, 0.1)] double smoothing,
        [Values] bool ignoring)
    {
        CrossEntropyOptions options = new(reduction, Ignored, smoothing);
        foreach (Shape shape in Shapes)
        {
            (int rows, int classes) = (shape[0], shape[1]);
            double[] x = Values(shape, 3);
            int[] targets = Targets(rows, classes, ignoring);
            double total = 0, slack = 0;
            Expected[] logSums = new Expected[rows];
            for (int n = 0; n < rows; n++)
            {
                double[] row = x[(n * classes)..((n + 1) * classes)];
                double lse = Math.Log(row.Sum(Math.Exp)), error = 2 * classes + 16 + 8 * row.Max(Math.Abs);
                logSums[n] = new(lse, error);
                if (targets[n] == Ignored) continue;
                total += (1 - smoothing) * (lse - row[targets[n]]) + smoothing * (lse - row.Average());
                slack += error + rows * (Math.Abs(lse) + row.Max(Math.Abs));
            }
            double weight = Weight(targets, reduction);
            View loss = Blank([]), sums = Statistics([rows]), logits = Place(shape, x), classOf = PlaceIntegers([rows], targets);
            B.CrossEntropy(logits, classOf, options, loss, sums);
            Close(Read(loss), [new(total * weight, slack * weight)], $"loss of {shape}");
            Close(Read(sums), logSums, $"lse of {shape}");
            double[] first = Read(loss);
            B.CrossEntropy(logits, classOf, options, loss, sums);
            SameBits(Read(loss), first, "a second time");
        }
    }

    [Test]
    public void Gradient_is_the_softmax_less_the_targets([Values] Reduction reduction, [Values(0, 0.1)] double smoothing,
        [Values] bool ignoring)
    {
        CrossEntropyOptions options = new(reduction, Ignored, smoothing);
        foreach (Shape shape in Shapes)
        {
            (int rows, int classes) = (shape[0], shape[1]);
            double[] x = Values(shape, 3), dloss = Values(1);
            double[] lse =
                [.. Enumerable.Range(0, rows).Select(n => Round(Math.Log(x[(n * classes)..((n + 1) * classes)].Sum(Math.Exp))))];
            int[] targets = Targets(rows, classes, ignoring);
            double scale = dloss[0] * Weight(targets, reduction);
            Expected[] expected = new Expected[shape.ElementCount];
            for (int i = 0; i < x.Length; i++)
            {
                int n = i / classes;
                if (targets[n] == Ignored) continue;
                double p = Math.Exp(x[i] - lse[n]),
                    target = smoothing / classes + (i % classes == targets[n] ? 1 - smoothing : 0);
                double slack = p * (16 + 4 * (Math.Abs(x[i]) + Math.Abs(lse[n]))) + 8 * (p + target);
                expected[i] = new(scale * (p - target), Math.Abs(scale) * slack);
            }
            View logits = Place(shape, x), classOf = PlaceIntegers([rows], targets), sums = Statistics([rows], lse),
                grad = Place([], dloss);
            Check(shape, expected, dx => B.CrossEntropyGradient(logits, classOf, sums, grad, options, dx));
            CheckInPlace(shape, x, expected, v => B.CrossEntropyGradient(v, classOf, sums, grad, options, Into(v)));
        }
    }

    [TestCase(0)]
    [TestCase(3)]
    public void When_no_row_counts_the_loss_and_its_gradient_are_zero(int rows)
    {
        View logits = Place([rows, 4], Values(rows * 4)), targets = PlaceIntegers([rows], [.. Enumerable.Repeat(Ignored, rows)]);
        View loss = Blank([]), lse = Statistics([rows]), dloss = Place([], [1.0]);
        B.CrossEntropy(logits, targets, new CrossEntropyOptions(), loss, lse);
        Assert.That(Read(loss), Is.EqualTo(new double[] { 0 }));
        Assert.That(Read(lse), Has.None.NaN);
        Check([rows, 4], new Expected[rows * 4], dx =>
            B.CrossEntropyGradient(logits, targets, lse, dloss, new CrossEntropyOptions(), dx));
    }

    [Test]
    public void An_ignored_row_of_NaN_does_not_spoil_the_loss()
    {
        View logits = Place([2, 2], [double.NaN, 1, 0, 0]), targets = PlaceIntegers([2], [Ignored, 1]), loss = Blank([]),
            lse = Statistics([2]), dx = Blank([2, 2]);
        B.CrossEntropy(logits, targets, new CrossEntropyOptions(), loss, lse);
        Close(Read(loss), [new(Math.Log(2), 8)]);
        View one = Place([], [1.0]);
        B.CrossEntropyGradient(logits, targets, lse, one, new CrossEntropyOptions(), Into(dx));
        Close(Read(dx), [new(0), new(0), new(0.5, 16), new(-0.5, 16)]);
    }

    [Test]
    public void A_class_excluded_by_minus_infinity_costs_nothing_without_smoothing()
    {
        View logits = Place([1, 3], [double.NegativeInfinity, 0, 0]), targets = PlaceIntegers([1], [1]), loss = Blank([]),
            lse = Statistics([1]);
        B.CrossEntropy(logits, targets, new CrossEntropyOptions(), loss, lse);
        Close(Read(loss), [new(Math.Log(2), 8)]);
    }

    [TestCase(5)]
    [TestCase(-1)]
    [TestCase(int.MinValue)]
    public void A_target_out_of_range_is_named_and_nothing_is_written(int bad)
    {
        View logits = Place([3, 5], Values(15)), targets = PlaceIntegers([3], [0, Ignored, bad]), loss = Blank([]),
            lse = Statistics([3]);
        IndexRangeException? error =
            Assert.Throws<IndexRangeException>(() =>
            {
                B.CrossEntropy(logits, targets, new CrossEntropyOptions(), loss, lse);
                B.Synchronize();
            });
        Assert.That(error!.Message, Does.Contain("[2]").And.Contain($"{bad}").And.Contain("< 5"));
        Assert.That(Read(loss).Concat(Read(lse)), Is.All.NaN);
    }

    private int[] Targets(int rows, int classes, bool ignoring)
    {
        int[] targets = Integers(rows, classes);
        for (int n = 0; n < rows && ignoring; n += 3) targets[n] = Ignored;
        return targets;
    }

    private static double Weight(int[] targets, Reduction reduction)
    {
        int counted = targets.Count(t => t != Ignored);
        return reduction == Reduction.Mean ? 1.0 / Math.Max(counted, 1) : 1;
    }
}
