using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class StageCostsTests
{
    private static readonly StageCosts Two = StageCosts.Uniform(2, 1, 2, 3);

    [Test]
    public void Recompute_runs_F_again_before_I_and_holds_only_the_input_meanwhile()
    {
        var costs = Two with { Recompute = [true, false], Memory = [new(100, 60, 7, 10), new(100, 60, 7, 10)] };
        var timeline = Simulator.Run(Schedule.FromCsv("0F0,0I0,0W0\n1F0,1I0,1W0"), costs);
        Assert.That(timeline.Events.Select(e => $"{e.Label} {e.Start}-{e.End} {e.HeldBytes}"), Is.EqualTo(new[]
        {
            "0F0 0-1 10", "0I0 4-7 60", "0W0 7-10 0",
            "1F0 1-2 100", "1I0 2-4 60", "1W0 4-7 0",
        }));
        Assert.That(timeline.ParameterBytes, Is.EqualTo(new long[] { 7, 7 }));
        Assert.That(HeldBytes.Peaks(Schedule.FromCsv("0F0,0B0\n1F0,1B0"), costs), Is.EqualTo(new long[] { 107, 107 }));
    }

    [Test]
    public void Costs_of_a_model_are_shared_by_the_stages_of_a_rank()
    {
        var (whole, halves) = (Schedules.OneForwardOneBackward(4, 8), Schedules.Interleaved(4, 8));
        var costs = StageCosts.OfModel(halves, 1, 2, 3, new(0.25));
        Assert.That((costs.Stages, costs.Forward[7], costs.Inputs[0], costs.Weights[3], costs.Links[6].Time),
            Is.EqualTo((8, 0.5, 1.0, 1.5, 0.25)));
        Assert.That(StageCosts.OfModel(whole).Forward, Is.All.EqualTo(1));
        Assert.That(Simulator.Summarize(whole, StageCosts.OfModel(whole)).Idle[0] * 0.5,
            Is.EqualTo(Simulator.Summarize(halves, StageCosts.OfModel(halves)).Idle[0]), "half the bubble for two stages");
    }

    [Test]
    public void Ranks_without_a_stage_have_no_part_of_the_model() =>
        Assert.That(Schedule.FromCsv("0F0,0B0\n,\n1F0,1B0").StageShare, Is.EqualTo(1));

    [Test]
    public void Costs_count_bytes_where_any_stage_says_more_than_one_microbatch()
    {
        Assert.That(Two.CountsBytes, Is.False);
        Assert.That((Two with { Memory = [new(1, 1), new(100, 50)] }).CountsBytes, Is.True);
        Assert.That((Two with { Memory = [new(1, 1, 64), new(1, 1)] }).CountsBytes, Is.True);
    }

    [Test]
    public void Peaks_count_microbatches_by_default() =>
        Assert.That(HeldBytes.Peaks(Schedules.OneForwardOneBackward(4, 9), StageCosts.Uniform(4)),
            Is.EqualTo(new long[] { 4, 3, 2, 1 }));

    [Test]
    public void Gradients_travel_on_links_of_their_own()
    {
        var costs = Two with { BackLinks = [new(10)] };
        Assert.That(Simulator.Run(Schedules.GPipe(2, 1), costs).Makespan, Is.EqualTo(12 + 10));
    }

    [Test]
    public void A_link_that_carries_one_message_at_a_time_makes_the_next_one_wait()
    {
        var costs = StageCosts.Uniform(2, 1, 1, 1, new(3));
        var schedule = Schedules.GPipe(2, 3);
        Assert.That(Starts(costs), Is.EqualTo(new[] { 4.0, 5, 6 }));
        Assert.That(Starts(costs with { Transfers = TransferMode.OneAtATime }), Is.EqualTo(new[] { 4.0, 7, 10 }));

        IEnumerable<double> Starts(StageCosts c) =>
            Simulator.Run(schedule, c).On(1).Where(e => e.Action.Kind == ActionKind.Forward).Select(e => e.Start);
    }

    [Test]
    public void A_blocking_transfer_keeps_both_ranks_busy()
    {
        var timeline = Simulator.Run(Schedule.FromCsv("0F0,0F1,0B0,0B1\n1F0,1F1,1B0,1B1"),
            StageCosts.Uniform(2, 1, 1, 1, new(0.5, 8)) with { Transfers = TransferMode.Blocking });
        Assert.That(timeline.Events.Take(5).Select(e => $"{e.Label} {e.Start}-{e.End} {e.MovedBytes}"), Is.EqualTo(new[]
        {
            "0F0 0-1 0", "0SEND_F0 1-1.5 8", "0F1 1.5-2.5 0", "0SEND_F1 2.5-3 8", "0RECV_B0 6-6.5 8",
        }));
    }

    [Test]
    public void Spelled_out_transfers_that_block_in_a_circle_are_an_error_that_shows_the_ranks() =>
        Assert.That(() => Simulator.Run(
                Schedule.FromCsv("0F0,0SEND_F0,0F1,0SEND_F1,0RECV_B0,0B0,0RECV_B1,0B1\n" +
                    "1RECV_F0,1F0,1B0,1SEND_B0,1RECV_F1,1F1,1B1,1SEND_B1"), Two with { Transfers = TransferMode.Blocking }),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("rank 0 at 0SEND_F1, rank 1 at 1SEND_B0"));

    [Test]
    public void Events_tell_what_they_waited_for_and_took_in()
    {
        var timeline = Simulator.Run(Schedules.GPipe(2, 2), StageCosts.Uniform(2, 1, 1, 1, new(0.5, 8)));
        Assert.That(timeline.Events.Select(e => $"{e.Label} {e.WaitedFor} {e.MovedBytes}"), Is.EqualTo(new[]
        {
            "0F0  0", "0F1  0", "0B0 1B0 8", "0B1  8",
            "1F0 0F0 8", "1F1  8", "1B0  0", "1B1  0",
        }));
    }

    [Test]
    public void Sums_of_gradients_follow_the_work_of_the_rank() =>
        Assert.That(Reduced(overlaps: false), Is.EqualTo(new[] { "2REDUCE_GRAD 9-13", "0REDUCE_GRAD 13-17" }));

    [Test]
    public void Sums_of_gradients_beside_the_work_start_with_the_stage_that_is_done() =>
        Assert.That(Reduced(overlaps: true), Is.EqualTo(new[] { "2REDUCE_GRAD 5-9", "0REDUCE_GRAD 9-13" }));

    private static IEnumerable<string> Reduced(bool overlaps)
    {
        var costs = StageCosts.Uniform(3) with { AllReduce = [4, 0, 4], AllReduceOverlaps = overlaps };
        var timeline = Simulator.Run(Schedule.FromCsv("0F0,2F0,2B0,0B0\n1F0,1B0"), costs);
        Assert.That(timeline.Busy(0), Is.EqualTo(6));
        return timeline.On(0).Where(e => e.Action.Kind == ActionKind.ReduceGradient).Select(e => $"{e.Label} {e.Start}-{e.End}");
    }

    [Test]
    public void An_update_takes_its_time_and_waits_for_the_sum_of_its_gradients()
    {
        var schedule = Schedule.FromCsv("0F0,0B0,0F1,0U0,0B1,0U1");
        var costs = StageCosts.Uniform(1) with { Updates = [2] };
        Assert.That(Simulator.Run(schedule, costs).Makespan, Is.EqualTo(6 + 4));
        Assert.That(Simulator.Run(schedule, costs with { AllReduce = [5] }).Makespan, Is.EqualTo(10 + 10));
        var overlapped = Simulator.Run(schedule, costs with { AllReduce = [5], AllReduceOverlaps = true });
        Assert.That(overlapped.Events.Where(e => !e.Action.Kind.IsCompute()).Select(e => $"{e.Label} {e.Start}-{e.End}"),
            Is.EqualTo(new[] { "0REDUCE_GRAD 3-8", "0U0 8-10", "0REDUCE_GRAD 12-17", "0U1 17-19" }));
    }

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(-1)]
    [TestCase(1e308)]
    [TestCase(1e-320)]
    public void A_number_without_sense_is_refused_wherever_it_stands(double number)
    {
        Func<StageCosts>[] makers =
        [
            () => StageCosts.Uniform(2, forward: number), () => StageCosts.Uniform(2, inputs: number),
            () => StageCosts.Uniform(2, weights: number), () => StageCosts.Uniform(2, link: new(number)),
            () => StageCosts.Uniform(2, link: new(0, 1, number)), () => Two with { BackLinks = [new(number)] },
            () => Two with { AllReduce = [number, 0] }, () => Two with { Updates = [0, number] },
        ];
        foreach (var maker in makers)
            Assert.That(() => maker(), Throws.TypeOf<ScheduleException>().With.Message.Contains(
                number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.That(() => StageCosts.Uniform(2, link: new(0, -1, 1)), Throws.TypeOf<ScheduleException>());
    }

    [Test]
    public void Sums_of_the_largest_costs_stay_numbers()
    {
        var summary = Simulator.Summarize(Schedules.OneForwardOneBackward(2, 4), StageCosts.Uniform(2, 1e30, 1e30, 1e30));
        Assert.That(summary.Makespan, Is.EqualTo(15e30).Within(1e-9).Percent);
        Assert.That(summary.BubbleRatio, Is.EqualTo(0.2).Within(1e-12));
    }

    [Test]
    public void Memory_that_adds_up_to_more_than_a_number_of_bytes_is_refused()
    {
        var costs = StageCosts.Uniform(2) with { Memory = [new(long.MaxValue / 2, 1), new(1, 1)] };
        foreach (var take in new Takers(costs).All)
            Assert.That(take, Throws.TypeOf<ScheduleException>().With.Message.Contains("4 microbatches hold"));
    }

    private sealed record Takers(StageCosts Costs)
    {
        private readonly Schedule _schedule = Schedules.OneForwardOneBackward(2, 4);

        internal System.Action[] All =>
        [
            () => Simulator.Summarize(_schedule, Costs), () => HeldBytes.Peaks(_schedule, Costs),
            () => SplitBackward.Apply(_schedule, TwoStage.Fill, Costs), () => ScheduleOptimizer.Optimize(_schedule, Costs),
        ];
    }

    [Test]
    public void Every_list_has_one_entry_per_stage()
    {
        Assert.That(() => Two with { Updates = [1] }, Throws.TypeOf<ScheduleException>().With.Message.Contains("1 U"));
        Assert.That(() => Two with { AllReduce = [1, -1] }, Throws.TypeOf<ScheduleException>());
        Assert.That(() => Two with { BackLinks = [] }, Throws.TypeOf<ScheduleException>());
        Assert.That(() => Two with { Recompute = default }, Throws.TypeOf<ScheduleException>());
        Assert.That(() => Two with { Memory = [new(1, 1), new(-1, 1)] }, Throws.TypeOf<ScheduleException>());
    }
}
