using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

/// <summary>Each gradient verb against differences of its forward verb, both on the backend: dx = d(Σ dy⊙f(x))/dx.</summary>
[TestFixtureSource(typeof(BackendCases), nameof(BackendCases.Doubles))]
public sealed class FiniteDifferenceTests(BackendCase on) : BackendTests(on)
{
    private const double Step = 1e-3, Tolerance = 1e-9;
    private static readonly Shape Rows = [3, 7];

    [Test]
    public void SoftmaxGradient_is_the_slope_of_Softmax()
    {
        (double[] x, View dy, View y, View dx) = (Values(Rows), Place(Rows, Values(Rows)), Blank(Rows), Blank(Rows));
        double Loss() => Forward(x, Rows, dy, (vx, to) => B.Softmax(vx, to), y);
        Loss();
        B.SoftmaxGradient(y, dy, Into(dx));
        Slopes(x, Read(dx), Loss);
    }

    [Test]
    public void LogSoftmaxGradient_is_the_slope_of_LogSoftmax()
    {
        (double[] x, View dy, View y, View dx) = (Values(Rows), Place(Rows, Values(Rows)), Blank(Rows), Blank(Rows));
        double Loss() => Forward(x, Rows, dy, (vx, to) => B.LogSoftmax(vx, to), y);
        Loss();
        B.LogSoftmaxGradient(y, dy, Into(dx));
        Slopes(x, Read(dx), Loss);
    }

    [Test]
    public void MaxGradient_is_the_slope_of_Max([Values(0, 1)] int axis)
    {
        Shape result = Rows.With(axis, 1);
        (double[] x, View dy, View y, View dx) = (Values(Rows), Place(result, Values(result)), Blank(result), Blank(Rows));
        View index = PlaceIntegers(result, new int[result.ElementCount]);
        double Loss() => Forward(x, Rows, dy, (vx, to) => B.Max(vx, axis, to.View, index), y);
        Loss();
        B.MaxGradient(dy, index, axis, Into(dx));
        Slopes(x, Read(dx), Loss);
    }

    [Test]
    public void CrossEntropyGradient_is_the_slope_of_CrossEntropy([Values] Reduction reduction, [Values(0, 0.2)] double smoothing)
    {
        CrossEntropyOptions options = new(reduction, 2, smoothing);
        double[] x = Values(Rows);
        View targets = PlaceIntegers([3], [4, 2, 0]), loss = Blank([]), lse = Statistics([3]), dloss = Place([], [1.7]),
            dx = Blank(Rows);
        double Loss() => Forward(x, Rows, dloss, (vx, to) => B.CrossEntropy(vx, targets, options, to.View, lse), loss);
        Loss();
        B.CrossEntropyGradient(Place(Rows, x), targets, lse, dloss, options, Into(dx));
        Slopes(x, Read(dx), Loss);
    }

    [Test]
    public void LayerNorm_gradients_are_the_slopes_of_LayerNorm()
    {
        double[] x = Values(Rows), gamma = Values(7), beta = Values(7);
        View dy = Place(Rows, Values(Rows)), y = Blank(Rows), mean = Statistics([3]), rstd = Statistics([3]);
        double Loss() =>
            Forward(x, Rows, dy, (vx, to) => B.LayerNorm(vx, Place([7], gamma), Place([7], beta), 1e-3, to, mean, rstd), y);
        Loss();
        View dx = Blank(Rows), dgamma = Blank([7]), dbeta = Blank([7]);
        B.LayerNormInputGradient(Place(Rows, x), Place([7], gamma), mean, rstd, dy, Into(dx));
        B.LayerNormWeightGradient(Place(Rows, x), mean, rstd, dy, Into(dgamma), Into(dbeta));
        Slopes(x, Read(dx), Loss);
        Slopes(gamma, Read(dgamma), Loss);
        Slopes(beta, Read(dbeta), Loss);
    }

    [Test]
    public void RmsNorm_gradients_are_the_slopes_of_RmsNorm()
    {
        double[] x = Values(Rows), gamma = Values(7);
        View dy = Place(Rows, Values(Rows)), y = Blank(Rows), rms = Statistics([3]), dx = Blank(Rows), dgamma = Blank([7]);
        double Loss() => Forward(x, Rows, dy, (vx, to) => B.RmsNorm(vx, Place([7], gamma), 1e-3, to, rms), y);
        Loss();
        B.RmsNormInputGradient(Place(Rows, x), Place([7], gamma), rms, dy, Into(dx));
        B.RmsNormWeightGradient(Place(Rows, x), rms, dy, Into(dgamma));
        Slopes(x, Read(dx), Loss);
        Slopes(gamma, Read(dgamma), Loss);
    }

    [Test]
    public void ScatterAdd_is_the_slope_of_Gather()
    {
        (double[] table, View ids, View dy) = (Values([4, 7]), PlaceIntegers([3], [2, 0, 2]), Place(Rows, Values(Rows)));
        (View y, View grad) = (Blank(Rows), Blank([4, 7]));
        B.ScatterAdd(dy, ids, Into(grad));
        Slopes(table, Read(grad), () => Forward(table, [4, 7], dy, (v, to) => B.Gather(v, ids, to), y));
    }

    [Test]
    public void Rotary_the_other_way_and_Dropout_are_their_own_slopes()
    {
        Shape shape = [1, 3, 2, 4];
        (double[] x, View dy, View y, View dx) = (Values(shape), Place(shape, Values(shape)), Blank(shape), Blank(shape));
        RandomStream stream = RandomStream.Named("slope", 1);
        B.Rotary(dy, new RotaryOptions(Inverse: true), Into(dx));
        Slopes(x, Read(dx), () => Forward(x, shape, dy, (v, to) => B.Rotary(v, new RotaryOptions(), to), y));
        B.Dropout(dy, 0.4, stream, Into(dx));
        Slopes(x, Read(dx), () => Forward(x, shape, dy, (v, to) => B.Dropout(v, 0.4, stream, to), y));
    }

    [Test]
    public void AttentionGradient_is_the_slope_of_Attention([Values] bool causal, [Values(2, 3, 5)] int keyCount) =>
        AssertAttentionSlopes(batch: IsEmulated ? 1 : 2, groups: IsEmulated ? 1 : 2, causal, keyCount);

    /// <summary>What the test above takes one sequence and one group of heads of where lanes are emulated.</summary>
    [Test, Category(BackendCases.Exhaustive)]
    public void AttentionGradient_is_the_slope_of_Attention_in_two_sequences_and_groups([Values] bool causal,
        [Values(2, 3, 5)] int keyCount) => AssertAttentionSlopes(batch: 2, groups: 2, causal, keyCount);

    private void AssertAttentionSlopes(int batch, int groups, bool causal, int keyCount)
    {
        (Shape queries, Shape keys) = ([batch, 3, 2 * groups, 2], [batch, keyCount, groups, 2]);
        AttentionOptions options = new(causal);
        double[] q = Values(queries), k = Values(keys), v = Values(keys);
        View dy = Place(queries, Values(queries)), y = Blank(queries), lse = Statistics([batch, 2 * groups, 3]);
        double Loss() =>
            Forward(q, queries, dy, (x, to) => B.Attention(x, Place(keys, k), Place(keys, v), options, to.View, lse), y);
        Loss();
        View dq = Blank(queries), dk = Blank(keys), dv = Blank(keys);
        B.AttentionGradient(Place(queries, q), Place(keys, k), Place(keys, v), y, lse, dy, options, Into(dq), Into(dk), Into(dv));
        Slopes(q, Read(dq), Loss);
        Slopes(k, Read(dk), Loss);
        Slopes(v, Read(dv), Loss);
    }

    private double Forward(double[] x, Shape shape, View dy, Action<View, Destination> verb, View y)
    {
        verb(Place(shape, x), Into(y));
        return Read(y).Zip(Read(dy), (a, b) => a * b).Sum();
    }

    /// <summary>Five-point central differences, whose error is of order Step⁴.</summary>
    private static void Slopes(double[] x, double[] gradient, Func<double> loss)
    {
        for (int i = 0; i < x.Length; i++)
        {
            double at = x[i];
            double Shifted(double steps)
            {
                x[i] = at + steps * Step;
                return loss();
            }
            double slope = (8 * (Shifted(1) - Shifted(-1)) - (Shifted(2) - Shifted(-2))) / (12 * Step);
            x[i] = at;
            Assert.That(gradient[i], Is.EqualTo(slope).Within(Tolerance * (1 + Math.Abs(slope))), $"element {i}");
        }
    }
}
