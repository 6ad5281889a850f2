using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Bubble ratios and makespans of 2BP's schedules (arXiv 2405.18047) against their closed forms.</summary>
public sealed class ClosedFormTests
{
    [Test]
    public void Bubble_ratios_at_unit_cost([Range(2, 16)] int n)
    {
        using (Assert.EnterMultipleScope())
        {
            Expect(Schedules.Naive(n, 1), TwoStage.Off, n - 1, n);
            Expect(Schedules.Naive(n, 1), TwoStage.End, 2 * (n - 1), 2 * n + 1);
            Expect(Schedules.GPipe(n, n), TwoStage.Off, n - 1, 2 * n - 1);
            Expect(Schedules.GPipe(n, n), TwoStage.End, 2 * (n - 1), 5 * n - 2);
            Expect(Schedules.OneForwardOneBackward(n, n), TwoStage.Off, n - 1, 2 * n - 1);
            Expect(Schedules.OneForwardOneBackward(n, n), TwoStage.Fill, n - 1, 4 * n - 1);
            Expect(Schedules.OneForwardOneBackward(n, 2 * n), TwoStage.Off, n - 1, 3 * n - 1);
            Expect(Schedules.OneForwardOneBackward(n, 2 * n), TwoStage.Fill, n - 1, 7 * n - 1);
        }

        static void Expect(Schedule schedule, TwoStage policy, int idle, int makespan)
        {
            var timeline = Simulator.Run(SplitBackward.Apply(schedule, policy), StageCosts.Uniform(schedule.Stages));
            Assert.That(timeline.BubbleRatio, Is.EqualTo((double)idle / makespan).Within(1e-12), $"{schedule}, {policy}");
        }
    }

    [TestCase("gpipe")]
    [TestCase("1f1b")]
    public void Without_a_split_the_overhead_is_N_minus_1_times_F_plus_I_plus_W(string name) =>
        ForRandomCosts((n, random) => Schedules.Create(name, n, random.Next(1, 3 * n)), TwoStage.Off,
            (n, f, i, w) => (n - 1) * (f + i + w));

    [Test]
    public void GPipe_with_weights_at_the_end_saves_W() =>
        ForRandomCosts((n, random) => Schedules.GPipe(n, random.Next(1, 3 * n)), TwoStage.End, (n, f, i, w) => (n - 1) * (f + i));

    [Test]
    public void OneForwardOneBackward_with_filled_waits_saves_min_F_I_W_and_W_or_more() =>
        ForRandomCosts((n, random) => Schedules.OneForwardOneBackward(n, random.Next(n, 4 * n)), TwoStage.Fill,
            (n, f, i, w) => (n - 1) * (f + i - Math.Min(f, Math.Min(i, w))), orLess: true);

    private static void ForRandomCosts(
        Func<int, Random, Schedule> make, TwoStage policy,
        Func<int, double, double, double, double> overhead, bool orLess = false)
    {
        const int seed = 20240528;
        var random = new Random(seed);
        for (var trial = 0; trial < 300; trial++)
        {
            var schedule = make(random.Next(2, 12), random);
            var (f, i, w) = (0.1 + random.NextDouble(), 0.1 + random.NextDouble(), 0.1 + random.NextDouble());
            var costs = StageCosts.Uniform(schedule.Stages, f, i, w);
            var makespan = Simulator.Run(SplitBackward.Apply(schedule, policy, costs), costs).Makespan;
            var expected = schedule.Microbatches * (f + i + w) + overhead(schedule.Stages, f, i, w);
            Assert.That(makespan, orLess ? Is.LessThan(expected + 1e-9) : Is.EqualTo(expected).Within(1e-9),
                $"seed {seed}, trial {trial}: {schedule}, F {f}, I {i}, W {w}");
        }
    }
}
