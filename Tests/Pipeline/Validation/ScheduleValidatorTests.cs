using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Each mutant of a legal schedule must be caught by the right rule at the right place.</summary>
public sealed class ScheduleValidatorTests
{
    private const string Legal = "0F0,0F1,0I0,0W0,0I1,0W1\n1F0,1I0,1F1,1I1,1W0,1W1\n";

    [Test]
    public void The_unmutated_schedule_is_legal() => Assert.That(ScheduleValidator.Violations(Schedule.FromCsv(Legal)), Is.Empty);

    [TestCase("dropped W", "0W1", "", "complete", 0, 4, "0I1", "0W1")]
    [TestCase("dropped I", "1I1,", "", "complete", 0, 4, "0I1", "1I1")]
    [TestCase("dropped F", "1F1,", "", "complete", 1, 2, "1I1", "1F1")]
    [TestCase("swapped I and W", "0I0,0W0", "0W0,0I0", "order", 0, 2, "0W0", "0I0")]
    [TestCase("swapped F and I", "1F0,1I0", "1I0,1F0", "order", 1, 0, "1I0", "1F0")]
    [TestCase("duplicate", "0I1,", "0I1,0I1,", "once", 0, 5, "0I1", null)]
    [TestCase("B besides I and W", "1I0,1F1", "1I0,1B0,1F1", "once", 1, 1, "1I0", null)]
    [TestCase("wrong rank", "0I1,0W1\n", "0I1\n0W1,", "one-rank", 1, 0, "0W1", null)]
    public void Mutant_is_caught(
        string mutation, string from, string to, string rule, int rank, int step, string action, string? needs)
    {
        var mutant = Legal.Replace(from, to, StringComparison.Ordinal);
        Assert.That(mutant, Is.Not.EqualTo(Legal), mutation);
        var schedule = Schedule.FromCsv(mutant);
        var error = Assert.Throws<ScheduleException>(() => ScheduleValidator.Check(schedule))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.Rule, Is.EqualTo(rule));
            Assert.That((error.Rank, error.Step), Is.EqualTo((rank, step)));
            Assert.That(error.Action, Is.EqualTo(Action.Parse(action)));
            Assert.That(error.Needs?.ToString(), Is.EqualTo(needs));
            Assert.That(error.Message, Does.Contain($"[{action}]").And.Contain("Hint: "));
        }
    }

    [Test]
    public void What_nobody_needs_is_missed_at_the_end_of_the_rank()
    {
        var violation = ScheduleValidator.Violations(Schedule.FromCsv("0F0\n1F0,1B0")).Single();
        Assert.That((violation.Rank, violation.Step, violation.Message), Is.EqualTo((0, 1, "rank 0, step 1: 0B0 is missing.")));
    }

    [Test]
    public void A_missing_neighbour_is_named_in_the_asker_s_own_letters()
    {
        var violation = ScheduleValidator.Violations(Schedule.FromCsv("0F0,0F1,0B0,0B1\n1F0,1B0,1F1"))[0];
        Assert.That(violation.Message, Is.EqualTo("rank 0, step 3: 0B1 needs 1B1, which no rank runs."));
    }

    [Test]
    public void A_deadlock_prints_who_waits_for_whom()
    {
        // Rank 0 wants the gradient of microbatch 1 before it lets microbatch 0 through.
        var schedule = Schedule.FromCsv("0F1,0B1,0F0,0B0\n1F0,1F1,1B0,1B1\n");
        var error = Assert.Throws<ScheduleException>(() => ScheduleValidator.Check(schedule))!;
        Assert.That(error.Message.ReplaceLineEndings("\n"), Is.EqualTo(
            """
            rank 0, step 1: 0B1 never starts: deadlock.
              rank 0 stands at 0B1, waiting for 1B1 of rank 1
              rank 1 stands at 1F0, waiting for 0F0 of rank 0
              step    0    1    2
            rank 0  0F1 [0B1] 0F0  <- needs 1B1
            rank 1  1F0  1F1  1B0
            Hint: run in order, every list reaches its end: no ranks wait for each other in a circle.
            """.ReplaceLineEndings("\n")));
    }

    [Test]
    public void A_circle_is_found_behind_ranks_that_merely_wait_for_it()
    {
        var schedule = Schedule.FromCsv("0F0,0B0,0F1,0B1\n1F1,1F0,1B0,1B1\n2F0,2B0,2F1,2B1\n");
        var violation = ScheduleValidator.Violations(schedule).Single();
        Assert.That(violation.Rule.Name, Is.EqualTo("progress"));
        Assert.That(violation.Message, Does.Contain("rank 0 stands at 0B0").And.Contain("rank 1 stands at 1F1")
            .And.Not.Contain("rank 2 stands"));
    }

    [Test]
    public void Spelled_out_transfers_are_legal_in_order_and_wait_for_their_send()
    {
        const string sends = "0F0,0SEND_F0,0RECV_B0,0B0\n1RECV_F0,1F0,1B0,1SEND_B0\n";
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ScheduleValidator.Violations(Schedule.FromCsv(sends)), Is.Empty);
            Assert.That(RuleOf(sends.Replace("0SEND_F0,", "", StringComparison.Ordinal)), Is.EqualTo("complete"));
            Assert.That(RuleOf(sends.Replace("0F0,0SEND_F0", "0SEND_F0,0F0", StringComparison.Ordinal)), Is.EqualTo("order"));
        }
    }

    [TestCase("0F0,0SEND_F0,0RECV_B0,0B0\n1RECV_F0,1F0,1SEND_F0,1B0,1SEND_B0", "transfers", 1, 2, "1SEND_F0", null)]
    [TestCase("0F0,0SEND_F0,0RECV_B0,0B0,0SEND_B0\n1RECV_F0,1F0,1B0,1SEND_B0", "transfers", 0, 4, "0SEND_B0", null)]
    [TestCase("0RECV_F0,0F0,0B0\n1F0,1B0", "transfers", 0, 0, "0RECV_F0", null)]
    [TestCase("0F0,0B0\n1F0,1RECV_B0,1B0", "transfers", 1, 1, "1RECV_B0", null)]
    [TestCase("0F0,0RECV_B0,0B0\n1F0,1B0", "complete", 0, 1, "0RECV_B0", "1SEND_B0")]
    [TestCase("0F0,0SEND_F0,0B0\n1F0,1B0", "complete", 0, 1, "0SEND_F0", "1RECV_F0")]
    [TestCase("0F0,0B0\n1F0,1B0,1SEND_B0", "complete", 1, 2, "1SEND_B0", "0RECV_B0")]
    [TestCase("0F0,0SEND_F0,1RECV_F0,1F0,1B0,0B0", "transfers", 0, 1, "0SEND_F0", null)]
    [TestCase("0F0,1F0,1B0,1SEND_B0,0RECV_B0,0B0", "transfers", 0, 3, "1SEND_B0", null)]
    [TestCase("0F0,0SEND_F0,0SEND_F0,0B0\n1RECV_F0,1F0,1B0", "once", 0, 2, "0SEND_F0", null)]
    [TestCase("0F0,0SEND_F0,0B0\n1RECV_F0,1RECV_F0,1F0,1B0", "once", 1, 1, "1RECV_F0", null)]
    [TestCase("0F0,0B0,1RECV_F0\n0SEND_F0,1F0,1B0", "one-rank", 0, 2, "1RECV_F0", null)]
    [TestCase("0F0,0B0\n1F0,1B0,0SEND_F0,0RECV_B0,0SEND_F0", "one-rank", 1, 2, "0SEND_F0", null)]
    [TestCase("0F0,0SEND_F1,0B0\n1RECV_F1,1F0,1B0", "complete", 0, 1, "0SEND_F1", "0F1")]
    public void A_transfer_that_cannot_be_is_refused_with_its_cell_marked(
        string csv, string rule, int rank, int step, string action, string? needs)
    {
        var error = Assert.Throws<ScheduleException>(() => ScheduleValidator.Check(Schedule.FromCsv(csv)))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((error.Rule, error.Rank, error.Step), Is.EqualTo((rule, rank, step)));
            Assert.That((error.Action?.ToString(), error.Needs?.ToString()), Is.EqualTo((action, needs)));
            Assert.That(error.Message, Does.Contain($"[{action}]").And.Contain("Hint: "));
        }
    }

    [Test]
    public void A_transfer_that_cannot_be_is_refused_by_everything_that_takes_a_schedule()
    {
        var schedule = Schedule.FromCsv("0F0,0SEND_F0,0RECV_B0,0B0\n1RECV_F0,1F0,1SEND_F0,1B0,1SEND_B0");
        var costs = StageCosts.Uniform(2);
        System.Action[] takers =
        [
            () => Simulator.Run(schedule, costs), () => Simulator.Summarize(schedule, costs), () => Rendezvous.Check(schedule),
            () => InsertTransfers.Apply(schedule), () => ReorderReceives.Apply(schedule),
            () => SplitBackward.Apply(schedule, TwoStage.Off), () => SplitBackward.Apply(schedule, TwoStage.Fill),
            () => ScheduleOptimizer.Optimize(schedule, costs),
        ];
        foreach (var taker in takers)
            Assert.That(Assert.Throws<ScheduleException>(taker)!.Action, Is.EqualTo(Action.Parse("1SEND_F0")));
    }

    [Test]
    public void A_receive_is_posted_and_cannot_deadlock_unless_transfers_wait_for_each_other()
    {
        var early = Schedule.FromCsv("0F0,0RECV_B0,0SEND_F0,0B0\n1RECV_F0,1F0,1B0,1SEND_B0\n");
        Assert.That(ScheduleValidator.Violations(early), Is.Empty);
        Assert.That(Rendezvous.Violations(early).Single().Rule.Name, Is.EqualTo("rendezvous"));
    }

    private const string Batches = "0F0,0F1,0B0,0F2,0B1,0U0,0F3,0B2,0F4,0B3,0U1,0F5,0B4,0B5,0U2\n"
        + "1F0,1B0,1F1,1I1,1W1,1U0,1F2,1B2,1F3,1B3,1U1,1F4,1B4,1F5,1B5,1U2\n";

    [TestCase("update before its batch's B", "0B1,0U0", "0U0,0B1", 0, 4, "0U0", "0B1")]
    [TestCase("update before its batch's W", "1W1,1U0", "1U0,1W1", 1, 4, "1U0", "1W1")]
    [TestCase("updates out of order", "1B5,1U2", "1B5,1U1", 1, 10, "1U2", "1U1", "1B3,1U1", "1B3,1U2")]
    [TestCase("a version that is not there yet", "0U0,0F3,0B2,0F4", "0F3,0B2,0F4,0U0", 0, 7, "0F4", "0U0")]
    [TestCase("a stage that is not updated", "1B5,1U2", "1B5", 1, 15, "1U2", "1U2")]
    [TestCase("a batch without an update", "0U1,", "", 0, 14, "0U1", "0U1")]
    [TestCase("an update too many", "0U2", "0U3", 0, 14, "0U3", null)]
    [TestCase("a number out of all bounds", "0U2", "0U2000000000", 0, 14, "0U2000000000", null)]
    public void Update_out_of_place_is_caught(
        string mutation, string from, string to, int rank, int step, string action, string? needs,
        string also = "", string by = "")
    {
        Assert.That(ScheduleValidator.Violations(Schedule.FromCsv(Batches)), Is.Empty);
        var mutant = Batches.Replace(from, to, StringComparison.Ordinal);
        if (also.Length > 0)
            mutant = mutant.Replace(also, by, StringComparison.Ordinal);
        var violation = ScheduleValidator.Violations(Schedule.FromCsv(mutant))[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(violation.Rule.Name, Is.EqualTo("updates"), mutation);
            Assert.That((violation.Rank, violation.Step), Is.EqualTo((rank, step)));
            Assert.That((violation.Action.ToString(), violation.Needs?.ToString()), Is.EqualTo((action, needs)));
        }
    }

    [Test]
    public void An_update_runs_once() =>
        Assert.That(RuleOf(Batches.Replace("0U1", "0U0", StringComparison.Ordinal)), Is.EqualTo("once"));

    [Test]
    public void Updates_without_any_work_are_refused() =>
        Assert.That(ScheduleValidator.Violations(Schedule.FromCsv("0U0,0U1"))[0].Rule.Name, Is.EqualTo("updates"));

    [Test]
    public void Single_microbatch_batches_may_run_ahead_of_their_updates() =>
        Assert.That(ScheduleValidator.Violations(Schedule.FromCsv("0F0,0F1,0F2,0B0,0U0,0B1,0U1,0B2,0U2")), Is.Empty);

    [Test]
    public void A_mistyped_number_is_refused_before_tables_are_made_for_it() =>
        Assert.That(() => ScheduleValidator.Check(Schedule.FromCsv("0F0,0B0,2000000000F2000000000")),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("mistyped"));

    [Test]
    public void Every_rule_has_a_name_and_a_demand()
    {
        Assert.That(ScheduleValidator.Rules.Select(rule => rule.Name), Is.Unique.And.All.Not.Empty);
        Assert.That(ScheduleValidator.Rules.Select(rule => rule.Demands), Is.All.EndsWith("."));
    }

    private static string RuleOf(string csv) => ScheduleValidator.Violations(Schedule.FromCsv(csv))[0].Rule.Name;
}
