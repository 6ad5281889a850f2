using AutogradCore.Optim;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class AdamTests
{
    [TestCase(false, 0, 1)]
    [TestCase(false, 0.1, 1)]
    [TestCase(true, 0.1, 1)]
    [TestCase(true, 0.1, 0.25)]
    public void Several_steps_follow_the_formula(bool decoupled, double decay, double gradientScale)
    {
        const double beta1 = 0.8, beta2 = 0.95, epsilon = 1e-6;
        LearningRate rate = LearningRate.Warmup(0.1, 3);
        using OptimizerProblem problem = new();
        using Adam adam = decoupled
            ? new AdamW(problem.Parameters, rate, beta1, beta2, epsilon, decay)
            : new Adam(problem.Parameters, rate, beta1, beta2, epsilon, decay);
        problem.Compare(adam, decays =>
        {
            double m = 0, v = 0;
            return (step, w, g) =>
            {
                double eta = 0.1 * Math.Min(1, (step + 1) / 3.0), lambda = decays ? decay : 0;
                if (!decoupled) g += lambda * w;
                m = beta1 * m + (1 - beta1) * g;
                v = beta2 * v + (1 - beta2) * g * g;
                double mHat = m / (1 - Math.Pow(beta1, step + 1)), vHat = v / (1 - Math.Pow(beta2, step + 1));
                return w - (decoupled ? eta * lambda * w : 0) - eta * mHat / (Math.Sqrt(vHat) + epsilon);
            };
        }, gradientScale);
    }

    [Test]
    public void A_moment_restored_alone_is_joined_by_a_zero_and_not_by_what_lay_in_memory()
    {
        using OptimizerProblem problem = new();
        using Adam adam = new(problem.Parameters, LearningRate.Constant(0.1));
        foreach (Parameter p in problem.Parameters) adam.Restore<double>($"moment1.{p.Name}", [0.5, 0.5]);
        problem.Compare(adam, _ =>
        {
            double m = 0.5, v = 0;
            return (step, w, g) =>
            {
                (m, v) = (0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g);
                return w - 0.1 * m / (1 - Math.Pow(0.9, step + 1)) / (Math.Sqrt(v / (1 - Math.Pow(0.999, step + 1))) + 1e-8);
            };
        });
    }

    [TestCase("Adam", false)]
    [TestCase("AdamW", false)]
    [TestCase("AdamW", true)]
    public void The_first_updates_of_a_parameter_are_those_of_a_first_step_however_late_they_come(string kind, bool forgets)
    {
        using ReferenceBackend backend = new();
        using Parameter early = Parameter.From<double>(backend, [1], [1], "early");
        using Parameter late = Parameter.From<double>(backend, [1], [1], "late");
        using Adam adam = kind == "Adam"
            ? new Adam([early, late], LearningRate.Constant(0.001))
            : new AdamW([early, late], LearningRate.Constant(0.001), weightDecay: 0);
        for (int step = 0; step < 1000; step++) Step(early);
        if (forgets)
        {
            Step(late);
            adam.ForgetState();
            late.Data.CopyFrom<double>([1]);
        }
        Assert.That(adam.UpdateCount(late), Is.Zero);
        Step(late);
        Assert.That(1 - late.Data.ToArray<double>()[0], Is.EqualTo(0.001).Within(1e-9), "the rate");
        for (int step = 1; step < 10; step++) Step(late);
        Assert.That(1 - late.Data.ToArray<double>()[0], Is.EqualTo(0.01).Within(1e-8), "ten times the rate");
        Assert.That((adam.UpdateCount(late), adam.UpdateCount(early)), Is.EqualTo((10, forgets ? 0 : 1000)));

        void Step(Parameter parameter)
        {
            adam.ZeroGradient();
            using Tensor gradient = Tensor.From<double>(backend, [2.5], [1]);
            parameter.AccumulateGradient(gradient.View);
            adam.Step();
        }
    }

    [TestCase(0.9, 0.9, double.PositiveInfinity, 0, "epsilon")]
    [TestCase(0.9, 0.9, double.NaN, 0, "epsilon")]
    [TestCase(0.9, 0.9, 1e-8, double.PositiveInfinity, "weight decay")]
    [TestCase(0.9, 0.9, 1e-8, double.NaN, "weight decay")]
    [TestCase(1.0, 0.9, 1e-8, 0, "betas 1 and 0.9")]
    [TestCase(0.9, -0.1, 1e-8, 0, "betas 0.9 and -0.1")]
    [TestCase(0.9, double.NaN, 1e-8, 0, "NaN")]
    [TestCase(0.9, 0.9, 0, 0, "epsilon 0")]
    [TestCase(0.9, 0.9, 1e-8, -1, "weight decay -1")]
    public void Settings_outside_their_range_are_refused(double beta1, double beta2, double epsilon, double decay, string says) =>
        Assert.That(() => new AdamW([], LearningRate.Constant(0.1), beta1, beta2, epsilon, decay),
            Throws.TypeOf<ModelException>().With.Message.Contains(says));
}
