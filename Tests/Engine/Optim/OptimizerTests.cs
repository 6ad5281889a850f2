using AutogradCore.Optim;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class OptimizerTests
{
    private static Optimizer Make(string kind, IReadOnlyList<Parameter> parameters) => kind switch
    {
        "Sgd" => new Sgd(parameters, LearningRate.Cosine(0.1, 2, 8), momentum: 0.9, weightDecay: 0.1),
        "Adam" => new Adam(parameters, LearningRate.Cosine(0.1, 2, 8), weightDecay: 0.1),
        _ => new AdamW(parameters, LearningRate.Cosine(0.1, 2, 8)),
    };

    [TestCase("Sgd")]
    [TestCase("Adam")]
    [TestCase("AdamW")]
    public void Training_resumed_from_its_state_continues_with_the_same_bits(string kind)
    {
        using OptimizerProblem straight = new(), stopped = new(), resumed = new();
        using Optimizer whole = Make(kind, straight.Parameters), before = Make(kind, stopped.Parameters),
            after = Make(kind, resumed.Parameters);
        for (int step = 0; step < 6; step++) straight.Step(whole, step);
        for (int step = 0; step < 3; step++) stopped.Step(before, step);
        for (int i = 0; i < 2; i++) resumed.Parameters[i].Data.CopyFrom<double>(stopped.Parameters[i].Data.ToArray<double>());
        foreach ((string name, Tensor tensor) in before.State) after.Restore<double>(name, tensor.ToArray<double>());
        after.StepCount = before.StepCount;
        for (int step = 3; step < 6; step++) resumed.Step(after, step);
        for (int i = 0; i < 2; i++)
            Assert.That(Graphs.Bits.Of(resumed.Parameters[i].Data.View),
                Is.EqualTo(Graphs.Bits.Of(straight.Parameters[i].Data.View)));
    }

    [TestCase("Adam")]
    [TestCase("AdamW")]
    public void Training_with_a_late_parameter_continues_with_the_same_bits_when_counts_are_restored_too(string kind)
    {
        using OptimizerProblem straight = new(), resumed = new();
        using Optimizer whole = Make(kind, straight.Parameters), after = Make(kind, resumed.Parameters);
        for (int step = 0; step < 3; step++)
        {
            whole.ZeroGradient();
            straight.Backward(step);
            straight.Parameters[1].ZeroGradient();
            whole.Step();
        }
        straight.Step(whole, 3);
        for (int i = 0; i < 2; i++)
            resumed.Parameters[i].Data.CopyFrom<double>(straight.Parameters[i].Data.ToArray<double>());
        Assert.That(straight.Parameters.Select(whole.UpdateCount), Is.EqualTo(new[] { 4, 1 }));
        Dictionary<string, double[]> state = whole.State.ToDictionary(s => s.Key, s => s.Value.ToArray<double>());
        foreach ((string name, double[] elements) in state) after.Restore<double>(name, elements);
        for (int i = 0; i < 2; i++) after.SetUpdateCount(resumed.Parameters[i], whole.UpdateCount(straight.Parameters[i]));
        after.StepCount = whole.StepCount;
        straight.Step(whole, 4);
        resumed.Step(after, 4);
        for (int i = 0; i < 2; i++)
            Assert.That(Graphs.Bits.Of(resumed.Parameters[i].Data.View),
                Is.EqualTo(Graphs.Bits.Of(straight.Parameters[i].Data.View)));
    }

    [Test]
    public void A_restored_parameter_counts_as_updated_in_every_step_unless_told_otherwise()
    {
        using OptimizerProblem problem = new();
        using Adam adam = new(problem.Parameters, LearningRate.Constant(0.1));
        adam.Restore<double>("moment1.weight", [1, 2]);
        adam.StepCount = 7;
        Assert.That(problem.Parameters.Select(adam.UpdateCount), Is.EqualTo(new[] { 7, 0 }));
        adam.SetUpdateCount(problem.Parameters[0], 3);
        Assert.That(adam.UpdateCount(problem.Parameters[0]), Is.EqualTo(3));
    }

    [Test]
    public void Counts_and_scales_outside_their_range_are_refused_and_change_nothing()
    {
        using OptimizerProblem problem = new(), other = new();
        using Sgd sgd = new(problem.Parameters, LearningRate.Constant(0.1));
        problem.Step(sgd, 0);
        Assert.That(() => sgd.StepCount = -5, Throws.TypeOf<ModelException>()
            .With.Message.Contains("StepCount is -5").And.Message.Contains("0 or more"));
        Assert.That(() => sgd.SetUpdateCount(problem.Parameters[0], -1), Throws.TypeOf<ModelException>());
        Assert.That(() => sgd.SetUpdateCount(other.Parameters[0], 1), Throws.TypeOf<ModelException>());
        Assert.That((sgd.StepCount, sgd.UpdateCount(problem.Parameters[0])), Is.EqualTo((1, 1)));
        double[] before = problem.Parameters[0].Data.ToArray<double>();
        foreach (double scale in new[] { -1, double.NaN, double.PositiveInfinity })
            Assert.That(() => sgd.Step(scale), Throws.TypeOf<ModelException>().With.Message.Contains("gradientScale"));
        Assert.That(problem.Parameters[0].Data.ToArray<double>(), Is.EqualTo(before));
    }

    [TestCase(-0.1)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void A_rate_of_ones_own_that_is_none_is_refused_before_anything_is_updated(double rate)
    {
        using OptimizerProblem problem = new();
        using Adam adam = new(problem.Parameters, new OwnRate(rate));
        problem.Backward(0);
        Assert.That(() => adam.Step(), Throws.TypeOf<ModelException>().With.Message.Contains("rate of step 0"));
        Assert.That(() => adam.Prepare(), Throws.TypeOf<ModelException>());
        Assert.That((adam.State.Count, adam.StepCount), Is.EqualTo((0, 0)));
        Assert.That(problem.Parameters[0].Data.ToArray<double>(), Is.EqualTo(OptimizerProblem.Start(0)));
    }

    private sealed record OwnRate(double Rate) : LearningRate
    {
        public override double At(int step) => Rate;
    }

    [Test]
    public void State_is_named_by_kind_and_parameter()
    {
        using OptimizerProblem problem = new();
        using Adam adam = new(problem.Parameters, LearningRate.Constant(0.1));
        Assert.That(adam.State, Is.Empty, "none before the first step");
        problem.Step(adam, 0);
        Assert.That(adam.State.Keys,
            Is.EquivalentTo(new[] { "moment1.weight", "moment2.weight", "moment1.bias", "moment2.bias" }));
    }

    [Test]
    public void State_that_does_not_fit_is_refused_and_leaves_no_trace()
    {
        using OptimizerProblem problem = new();
        using Adam adam = new(problem.Parameters, LearningRate.Constant(0.1));
        Assert.That(() => adam.Restore<double>("moment3.weight", [1, 2]), Throws.TypeOf<ModelException>()
            .With.Message.Contains("'moment3.weight'"));
        Assert.That(() => adam.Restore<double>("moment1.weight", [1, 2, 3]), Throws.TypeOf<ShapeMismatchException>()
            .With.Message.Contains("3 elements"));
        Assert.That(() => adam.Restore<float>("moment1.weight", [1, 2]), Throws.TypeOf<DTypeException>());
        Assert.That(adam.State, Is.Empty);
    }

    [Test]
    public void Frozen_parameters_and_those_without_a_gradient_stay_as_they_are()
    {
        using OptimizerProblem problem = new();
        using Adam adam = new(problem.Parameters, LearningRate.Constant(0.1));
        Assert.That(() => adam.Step(), Throws.TypeOf<PhaseException>().With.Message.Contains("BackwardWeights before Step"));
        Assert.That(adam.StepCount, Is.Zero);
        adam.Step(requireGradient: false);
        Assert.That(problem.Parameters[0].Data.ToArray<double>(), Is.EqualTo(OptimizerProblem.Start(0)));
        problem.Backward(0);
        problem.Parameters[0].Trainable = false;
        adam.Step();
        Assert.That(problem.Parameters[0].Data.ToArray<double>(), Is.EqualTo(OptimizerProblem.Start(0)));
        Assert.That(problem.Parameters[1].Data.ToArray<double>(), Is.Not.EqualTo(OptimizerProblem.Start(1)));
    }

    [Test]
    public void An_optimizer_of_a_part_gives_the_bits_of_one_of_the_whole()
    {
        using OptimizerProblem whole = new(), parts = new();
        using AdamW all = new(whole.Parameters, LearningRate.Constant(0.1));
        using AdamW first = new([parts.Parameters[0]], LearningRate.Constant(0.1)),
            second = new([parts.Parameters[1]], LearningRate.Constant(0.1));
        for (int step = 0; step < 3; step++)
        {
            whole.Step(all, step);
            second.ZeroGradient();
            parts.Step(first, step);
            second.Step();
        }
        for (int i = 0; i < 2; i++)
            Assert.That(Graphs.Bits.Of(parts.Parameters[i].Data.View), Is.EqualTo(Graphs.Bits.Of(whole.Parameters[i].Data.View)));
    }

    [TestCase("Sgd")]
    [TestCase("Adam")]
    public void Preparing_takes_the_memory_and_changes_neither_state_nor_bits(string kind)
    {
        using OptimizerProblem plain = new(), prepared = new();
        using Optimizer one = Make(kind, plain.Parameters), other = Make(kind, prepared.Parameters);
        other.Prepare();
        Assert.That(prepared.Outstanding, Is.EqualTo(plain.Outstanding), "no gradient, no state");
        plain.Backward(0);
        prepared.Backward(0);
        other.Prepare();
        int held = prepared.Outstanding;
        Assert.That(held, Is.EqualTo(plain.Outstanding + 2 * other.StateKinds.Count));
        other.Prepare();
        Assert.That(prepared.Outstanding, Is.EqualTo(held), "the second time does nothing");
        Assert.That((other.State.Count, other.StepCount), Is.EqualTo((0, 0)));
        other.Step();
        one.Step();
        Assert.That(prepared.Outstanding, Is.EqualTo(held), "the step found its memory waiting");
        for (int i = 0; i < 2; i++)
            Assert.That(Graphs.Bits.Of(prepared.Parameters[i].Data.View),
                Is.EqualTo(Graphs.Bits.Of(plain.Parameters[i].Data.View)));
    }

    [Test]
    public void A_dampened_first_step_starts_from_the_gradient_whether_prepared_or_not()
    {
        using OptimizerProblem plain = new(), prepared = new();
        using Sgd one = new(plain.Parameters, LearningRate.Constant(0.1), momentum: 0.9, dampening: 0.5);
        using Sgd other = new(prepared.Parameters, LearningRate.Constant(0.1), momentum: 0.9, dampening: 0.5);
        plain.Step(one, 0);
        prepared.Backward(0);
        other.Prepare();
        other.Step();
        double expected = OptimizerProblem.Start(0)[0] - 0.1 * OptimizerProblem.Gradient(0, 0, 0);
        Assert.That(prepared.Parameters[0].Data.ToArray<double>()[0], Is.EqualTo(expected).Within(1e-15));
        Assert.That(plain.Parameters[0].Data.ToArray<double>(), Is.EqualTo(prepared.Parameters[0].Data.ToArray<double>()));
    }

    [Test]
    public void Memory_prepared_and_never_used_is_given_back()
    {
        using OptimizerProblem problem = new();
        Adam adam = new(problem.Parameters, LearningRate.Constant(0.1));
        problem.Backward(0);
        int before = problem.Outstanding;
        adam.Prepare();
        adam.Dispose();
        Assert.That(problem.Outstanding, Is.EqualTo(before));
    }

    [Test]
    public void Parameters_without_values_or_of_one_name_are_refused()
    {
        using ReferenceBackend backend = new();
        using Parameter a = Parameter.From<float>(backend, [1], [1], "w"), b = Parameter.From<float>(backend, [1], [1], "w"),
            none = new([1]);
        Assert.That(() => new Sgd([a, b], LearningRate.Constant(1)), Throws.TypeOf<ModelException>()
            .With.Message.Contains("'w'"));
        Assert.That(() => new Sgd([none], LearningRate.Constant(1)), Throws.TypeOf<ModelException>()
            .With.Message.Contains("no values"));
    }
}
