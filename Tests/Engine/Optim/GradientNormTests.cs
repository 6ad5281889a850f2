using AutogradCore.Optim;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class GradientNormTests
{
    [Test]
    public void The_norm_is_over_all_trainable_parameters_that_have_a_gradient()
    {
        using OptimizerProblem problem = new();
        Assert.That(GradientNorm.Squares(problem.Parameters), Is.EqualTo(new double[] { 0, 0 }));
        problem.Backward(0);
        double[] expected = [.. Enumerable.Range(0, 2).Select(p =>
            Enumerable.Range(0, 2).Sum(e => Math.Pow(OptimizerProblem.Gradient(p, 0, e), 2)))];
        Assert.That(GradientNorm.Squares(problem.Parameters), Is.EqualTo(expected).Within(1e-12));
        Assert.That(GradientNorm.Of(expected), Is.EqualTo(Math.Sqrt(expected.Sum())).Within(1e-12));
        problem.Parameters[0].Trainable = false;
        Assert.That(GradientNorm.Squares(problem.Parameters)[0], Is.Zero);
    }

    [Test]
    public void Clipping_brings_a_norm_down_to_the_maximum_and_leaves_smaller_ones_alone()
    {
        Assert.That(GradientNorm.Clip(norm: 4, maximum: 1), Is.EqualTo(0.25));
        Assert.That(GradientNorm.Clip(norm: 1, maximum: 1), Is.EqualTo(1));
        Assert.That(GradientNorm.Clip(norm: 0, maximum: 1), Is.EqualTo(1));
    }

    [Test]
    public void A_clipped_step_moves_as_if_the_gradients_had_been_scaled()
    {
        using OptimizerProblem problem = new();
        using Sgd sgd = new(problem.Parameters, LearningRate.Constant(1));
        problem.Backward(0);
        double norm = GradientNorm.Of(GradientNorm.Squares(problem.Parameters));
        sgd.Step(GradientNorm.Clip(norm, 0.5));
        double moved = Enumerable.Range(0, 2).Sum(p => problem.Parameters[p].Data.ToArray<double>()
            .Zip(OptimizerProblem.Start(p), (now, then) => (now - then) * (now - then)).Sum());
        Assert.That(norm, Is.GreaterThan(0.5));
        Assert.That(Math.Sqrt(moved), Is.EqualTo(0.5).Within(1e-12));
    }

    [TestCase(3, -1)]
    [TestCase(3, 0)]
    [TestCase(3, double.NaN)]
    [TestCase(0.5, double.NaN)]
    [TestCase(3, double.PositiveInfinity)]
    [TestCase(-3, 1)]
    public void A_maximum_or_a_norm_outside_its_range_is_refused(double norm, double maximum) =>
        Assert.That(() => GradientNorm.Clip(norm, maximum),
            Throws.TypeOf<ModelException>().With.Message.Contains("gradient norm"));

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void A_norm_that_is_not_finite_is_an_anomaly(double norm) =>
        Assert.That(() => GradientNorm.Clip(norm, 1), Throws.TypeOf<AnomalyException>().With.Message.Contains($"{norm}"));
}
