using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

public sealed class RendezvousTests
{
    [Test]
    public void Two_ranks_that_both_send_first_are_shown_waiting_for_each_other()
    {
        // With a buffer both sends pass; without one each waits for a receive that stands behind the other send.
        var schedule = Schedule.FromCsv("0F0,0SEND_F0,0F1,0SEND_F1,0RECV_B0,0B0,0RECV_B1,0B1\n"
            + "1RECV_F0,1F0,1B0,1SEND_B0,1RECV_F1,1F1,1B1,1SEND_B1\n");
        Assert.That(ScheduleValidator.Violations(schedule), Is.Empty);
        var error = Assert.Throws<ScheduleException>(() => Rendezvous.Check(schedule))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((error.Rule, error.Rank, error.Step), Is.EqualTo(("rendezvous", 0, 3)));
            Assert.That((error.Action, error.Needs), Is.EqualTo((Action.Parse("0SEND_F1"), Action.Parse("1RECV_F1"))));
            Assert.That(error.Message.ReplaceLineEndings("\n"), Is.EqualTo(
                """
                rank 0, step 3: 0SEND_F1 never starts: deadlock.
                  rank 0 stands at 0SEND_F1, waiting for 1RECV_F1 of rank 1
                  rank 1 stands at 1SEND_B0, waiting for 0RECV_B0 of rank 0
                  step         0         1         2         3         4
                rank 0       0F0  0SEND_F0       0F1 [0SEND_F1] 0RECV_B0  <- needs 1RECV_F1
                rank 1  1RECV_F0       1F0       1B0  1SEND_B0  1RECV_F1
                Hint: where a SEND waits for its RECV, ranks must meet in one order; the pass that inserts transfers finds one.
                """.ReplaceLineEndings("\n")));
        }
        Assert.That(Rendezvous.Violations(InsertTransfers.Apply(schedule)), Is.Empty);
    }

    [Test]
    public void A_circle_of_three_is_shown_whole()
    {
        // Each rank sends to the next around the loop before it receives.
        var loop = InsertTransfers.Apply(Schedules.Create("looped-bfs", 3, 3));
        Assert.That(Rendezvous.Violations(loop), Is.Empty);
        var planted = new Schedule("planted", loop.Actions.Select(SendsFirst));
        Assert.That(ScheduleValidator.Violations(planted), Is.Empty);
        var violation = Rendezvous.Violations(planted).Single();
        Assert.That(violation.Message, Does.Contain("rank 0 stands").And.Contain("rank 1 stands").And.Contain("rank 2 stands"));
    }

    // Moves each forward receive of a later chunk down to the action that reads it.
    private static IEnumerable<Action> SendsFirst(System.Collections.Immutable.ImmutableArray<Action> list)
    {
        foreach (var action in list.Where(a => a.Kind != ActionKind.ReceiveForward))
        {
            if (action.Kind == ActionKind.Forward && list.Contains(action.As(ActionKind.ReceiveForward)))
                yield return action.As(ActionKind.ReceiveForward);
            yield return action;
        }
    }

    [Test]
    public void A_send_that_nobody_receives_is_named()
    {
        var violation = Rendezvous.Violations(Schedule.FromCsv("0F0,0SEND_F0,0B0\n1F0,1B0\n")).Single();
        Assert.That(violation.Message, Is.EqualTo("rank 0, step 1: 0SEND_F0 needs 1RECV_F0, which no rank runs."));
    }

    [Test]
    public void Every_exchange_of_neighbours_in_the_lists_is_judged_as_a_step_by_step_run_does()
    {
        var seen = new HashSet<bool>();
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var lists = InsertTransfers.Apply(RandomSchedule.Create(random)).Actions.Select(list => list.ToArray()).ToArray();
            if (lists.MaxBy(list => list.Length) is not { Length: > 1 } longest)
                continue;
            var at = random.Next(longest.Length - 1);
            (longest[at], longest[at + 1]) = (longest[at + 1], longest[at]);
            var schedule = new Schedule("exchanged", lists);
            if (!ScheduleValidator.Violations(schedule).IsEmpty)
                continue;
            var passes = Rendezvous.Violations(schedule).IsEmpty;
            Assert.That(passes, Is.EqualTo(ReachesItsEnd(schedule)), $"seed {seed}\n{schedule.ToGrid()}");
            seen.Add(passes);
        }
        Assert.That(seen, Has.Count.EqualTo(2), "both verdicts occur");
    }

    // The specification: look at all heads again and again until nothing moves.
    private static bool ReachesItsEnd(Schedule schedule)
    {
        var next = new int[schedule.Ranks];
        var done = new HashSet<Action>();
        Action? Head(int rank) => next[rank] < schedule[rank].Length ? schedule[rank][next[rank]] : null;
        for (var moved = true; moved;)
        {
            moved = false;
            for (var rank = 0; rank < schedule.Ranks; rank++)
            {
                if (Head(rank) is not { } action)
                    continue;
                var other = action.Kind switch
                {
                    ActionKind.SendForward => new Action(action.Stage + 1, ActionKind.ReceiveForward, action.Microbatch),
                    ActionKind.SendBackward => new Action(action.Stage - 1, ActionKind.ReceiveBackward, action.Microbatch),
                    _ => (Action?)null,
                };
                if (other is { } receive)
                {
                    var partner = schedule.RankOf(receive.Stage);
                    if (partner == rank || Head(partner) != receive)
                        continue;
                    next[partner]++;
                }
                else if (action.Kind.IsTransfer())
                {
                    continue; // moved by its sender
                }
                next[rank]++;
                moved = true;
            }
        }
        return Enumerable.Range(0, schedule.Ranks).All(rank => Head(rank) is null);
    }
}
