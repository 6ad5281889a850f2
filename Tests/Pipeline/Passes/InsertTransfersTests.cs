using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Transfers are where they must be, and with zero buffering no rank waits for ever.</summary>
[Parallelizable]
public sealed class InsertTransfersTests
{
    [Test]
    public void Neighbours_that_exchange_do_so_in_one_order() =>
        Assert.That(InsertTransfers.Apply(Schedules.OneForwardOneBackward(2, 2)).ToCsv(), Is.EqualTo(
            """
            0F0,0SEND_F0,0F1,0SEND_F1,0RECV_B0,0B0,0RECV_B1,0B1
            1RECV_F0,1F0,1RECV_F1,1B0,1SEND_B0,1F1,1B1,1SEND_B1

            """.ReplaceLineEndings("\n")));

    [Test]
    public void Schedules_never_deadlock_without_buffers(
        [ValueSource(typeof(Schedules), nameof(Schedules.Names))] string name, [Range(1, 6)] int ranks)
    {
        foreach (var schedule in Catalogue.Sizes(name, ranks))
        {
            var spelled = InsertTransfers.Apply(schedule);
            Assert.That(Rendezvous.Violations(spelled), Is.Empty, $"{schedule}\n{spelled.ToGrid()}");
        }
    }

    [Test]
    public void Splits_of_schedules_never_deadlock_without_buffers(
        [ValueSource(typeof(Catalogue), nameof(Catalogue.Flushing))] string name, [Range(1, 6)] int ranks,
        [Values] TwoStage policy)
    {
        foreach (var microbatches in new[] { 1, 4, 13 })
            if (Schedules.Info(name).Takes(ranks, microbatches))
            {
                var split = SplitBackward.Apply(Schedules.Create(name, ranks, microbatches), policy);
                Assert.That(Rendezvous.Violations(InsertTransfers.Apply(split)), Is.Empty, $"{split}");
            }
    }

    [Test]
    public void Any_legal_schedule_gets_transfers_that_never_deadlock_and_survive_a_csv_file()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var schedule = RandomSchedule.Create(new Random(seed));
            var spelled = InsertTransfers.Apply(schedule);
            Assert.That(Rendezvous.Violations(spelled), Is.Empty, $"seed {seed}\n{spelled.ToGrid()}");
            Assert.That(Schedule.FromCsv(spelled.ToCsv()), Is.EqualTo(spelled), $"seed {seed}");
            Assert.That(RemoveTransfers.Apply(spelled), Is.EqualTo(schedule), $"seed {seed}");
            Assert.That(InsertTransfers.Apply(spelled), Is.EqualTo(spelled), $"seed {seed}");
        }
    }

    [Test]
    public void Transfers_of_built_in_schedules_are_undone_and_survive_a_csv_file(
        [ValueSource(typeof(Schedules), nameof(Schedules.Names))] string name, [Values(1, 3, 4)] int ranks)
    {
        foreach (var schedule in Catalogue.Sizes(name, ranks))
        {
            var spelled = InsertTransfers.Apply(schedule);
            Assert.That(RemoveTransfers.Apply(spelled), Is.EqualTo(schedule), $"{schedule}");
            Assert.That(InsertTransfers.Apply(spelled), Is.EqualTo(spelled), $"{schedule}");
            Assert.That(Schedule.FromCsv(spelled.ToCsv()), Is.EqualTo(spelled), $"{schedule}");
        }
    }

    [Test]
    public void Each_result_that_another_rank_reads_is_sent_once_and_right_after_its_action(
        [ValueSource(typeof(Schedules), nameof(Schedules.Names))] string name)
    {
        var schedule = Catalogue.Sizes(name, 4).Last();
        var spelled = InsertTransfers.Apply(schedule);
        var crossings = Enumerable.Range(1, schedule.Stages - 1).Count(s => schedule.RankOf(s) != schedule.RankOf(s - 1));
        var microbatches = schedule.Actions.Sum(list => list.Count(a => a is { Stage: 0, Kind: ActionKind.Forward }));
        var transfers = spelled.Actions.SelectMany(list => list).Where(a => a.Kind.IsTransfer()).ToList();
        Assert.That(transfers, Has.Count.EqualTo(4 * crossings * microbatches));
        Assert.That(transfers, Is.Unique);
        foreach (var list in spelled.Actions)
            for (var step = 0; step < list.Length; step++)
                if (list[step].Kind is ActionKind.SendForward or ActionKind.SendBackward)
                    Assert.That(
                        BeforeTransfers(spelled, list, step), Does.Contain(list[step] with { Kind = default }), $"{list[step]}");
    }

    // The compute action before a run of transfers, or both of an overlapped pair, without their kinds.
    private static IEnumerable<Action> BeforeTransfers(
        Schedule schedule, System.Collections.Immutable.ImmutableArray<Action> list, int step)
    {
        while (list[step].Kind.IsTransfer() || !list[step].Kind.IsCompute())
            step--;
        yield return list[step] with { Kind = default };
        if (step > 0 && schedule.Overlapped.Contains(list[step - 1]))
            yield return list[step - 1] with { Kind = default };
    }

    [Test]
    public void Buffered_transfers_at_unit_costs_cost_no_time(
        [ValueSource(typeof(Catalogue), nameof(Catalogue.Flushing))] string name, [Values(2, 3, 4)] int ranks)
    {
        foreach (var schedule in Catalogue.Sizes(name, ranks).Where(s => s.Overlapped.IsEmpty))
        {
            var costs = StageCosts.Uniform(schedule.Stages);
            Assert.That(Simulator.Run(InsertTransfers.Apply(schedule), costs).Makespan,
                Is.EqualTo(Simulator.Run(schedule, costs).Makespan), $"{schedule}");
        }
    }

    [Test]
    public void Nothing_stands_between_an_overlapped_pair()
    {
        var spelled = InsertTransfers.Apply(Schedule.FromCsv(
            "0F0,0F1,(0F2;0B0)OVERLAP_F_B,0B1,0B2\n1F0,1B0,1F1,(1F2;1B1)OVERLAP_F_B,1B2\n"));
        Assert.That(spelled.ToCsv(), Does.Contain("(0F2;0B0)OVERLAP_F_B").And.Contain("(1F2;1B1)OVERLAP_F_B"));
        Assert.That(Rendezvous.Violations(spelled), Is.Empty);
    }

    [Test]
    public void A_pair_that_waits_for_itself_is_taken_apart()
    {
        var spelled = InsertTransfers.Apply(Schedule.FromCsv("(0F0;0B0)OVERLAP_F_B\n1F0,1B0\n"));
        Assert.That(spelled.ToCsv(), Is.EqualTo("0F0,0SEND_F0,0RECV_B0,0B0\n1RECV_F0,1F0,1B0,1SEND_B0\n"));
    }

    [Test]
    public void Stages_of_one_rank_need_no_transfers()
    {
        var both = Schedule.FromCsv("0F0,1F0,1B0,0B0\n");
        Assert.That(InsertTransfers.Apply(both), Is.EqualTo(both));
    }

    [Test]
    public void An_illegal_schedule_is_refused() =>
        Assert.That(() => InsertTransfers.Apply(Schedule.FromCsv("0B0,0F0\n")), Throws.TypeOf<ScheduleException>());
}
