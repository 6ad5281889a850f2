using AutogradCore.Optim;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class SgdTests
{
    [TestCase(0, false, 0, 0)]
    [TestCase(0, false, 0.1, 0)]
    [TestCase(0.9, false, 0, 0)]
    [TestCase(0.9, true, 0.01, 0)]
    [TestCase(0.8, false, 0.1, 0.3)]
    public void Several_steps_follow_the_formula(double momentum, bool nesterov, double decay, double dampening)
    {
        using OptimizerProblem problem = new();
        using Sgd sgd = new(problem.Parameters, LearningRate.Constant(0.1), momentum, nesterov, decay, dampening);
        problem.Compare(sgd, decays =>
        {
            double m = 0;
            return (step, w, g) =>
            {
                if (decays) g += decay * w;
                m = step == 0 ? g : momentum * m + (1 - dampening) * g;
                return w - 0.1 * (momentum == 0 ? g : nesterov ? g + momentum * m : m);
            };
        });
    }

    [Test]
    public void Without_momentum_nothing_is_remembered()
    {
        using OptimizerProblem problem = new();
        using Sgd plain = new(problem.Parameters, LearningRate.Constant(0.1));
        problem.Step(plain, 0);
        Assert.That(plain.StateKinds, Is.Empty);
        Assert.That(plain.State, Is.Empty);
    }

    [TestCase(1.0, false, 0, 0, "momentum 1")]
    [TestCase(-0.1, false, 0, 0, "momentum -0.1")]
    [TestCase(double.NaN, false, 0, 0, "momentum NaN")]
    [TestCase(0, true, 0, 0, "Nesterov")]
    [TestCase(0.9, true, 0, 0.1, "Nesterov")]
    [TestCase(0, false, -1, 0, "weight decay -1")]
    [TestCase(0, false, double.PositiveInfinity, 0, "weight decay")]
    [TestCase(0.9, false, 0, -0.1, "dampening -0.1")]
    [TestCase(0.9, false, 0, 1.5, "dampening 1.5")]
    [TestCase(0.9, false, 0, double.NaN, "dampening NaN")]
    [TestCase(0, false, 0, double.NaN, "dampening NaN")]
    public void Settings_outside_their_range_are_refused(double momentum, bool nesterov, double decay, double dampening,
        string says) =>
        Assert.That(() => new Sgd([], LearningRate.Constant(0.1), momentum, nesterov, decay, dampening),
            Throws.TypeOf<ModelException>().With.Message.Contains(says));
}
