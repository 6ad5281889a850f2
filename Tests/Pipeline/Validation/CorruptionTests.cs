using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Random corruptions of every built-in schedule; each must be caught by a rule that it can break.</summary>
[Parallelizable]
public sealed class CorruptionTests
{
    private const int Trials = 40;

    [Test]
    public void A_dropped_action_is_missed([ValueSource(typeof(Schedules), nameof(Schedules.Names))] string name) =>
        Corrupt(name, (lists, rank, step, _) =>
        {
            var action = lists[rank][step];
            lists[rank].RemoveAt(step);
            return action.Kind == ActionKind.Update ? "updates" : "complete";
        });

    [Test]
    public void A_repeated_action_is_found([ValueSource(typeof(Schedules), nameof(Schedules.Names))] string name) =>
        Corrupt(name, (lists, rank, step, random) =>
        {
            lists[rank].Insert(random.Next(lists[rank].Count + 1), lists[rank][step]);
            return "once";
        });

    [Test]
    public void A_B_besides_I_and_W_is_found([ValueSource(typeof(Catalogue), nameof(Catalogue.Split))] string name) =>
        Corrupt(name, (lists, rank, step, _) =>
        {
            if (lists[rank][step].Kind is not (ActionKind.BackwardInputs or ActionKind.BackwardWeights))
                return null;
            lists[rank].Insert(step, lists[rank][step].As(ActionKind.Backward));
            return "once";
        });

    [Test]
    public void An_action_on_a_strange_rank_is_sent_home([ValueSource(typeof(Schedules), nameof(Schedules.Names))] string name) =>
        Corrupt(name, (lists, rank, step, random) =>
        {
            var other = (rank + 1 + random.Next(lists.Count - 1)) % lists.Count;
            lists[other].Add(lists[rank][step]);
            lists[rank].RemoveAt(step);
            return "one-rank";
        });

    [Test]
    public void A_backward_before_what_it_needs_is_found([ValueSource(typeof(Schedules), nameof(Schedules.Names))] string name) =>
        Corrupt(name, (lists, rank, step, random) =>
        {
            var action = lists[rank][step];
            var needed = action.Kind switch
            {
                ActionKind.Backward or ActionKind.BackwardInputs => action.As(ActionKind.Forward),
                ActionKind.BackwardWeights => action.As(ActionKind.BackwardInputs),
                _ => default,
            };
            if (action.Kind is ActionKind.Forward or ActionKind.Update)
                return null;
            lists[rank].RemoveAt(step);
            lists[rank].Insert(random.Next(lists[rank].IndexOf(needed) + 1), action);
            return "order";
        });

    [Test]
    public void An_update_before_a_backward_of_its_batch_is_out_of_place([Values("pipedream", "pipedream-2bw")] string name) =>
        Corrupt(name, (lists, rank, step, random) =>
        {
            var update = lists[rank][step];
            if (update.Kind != ActionKind.Update)
                return null;
            var backward = lists[rank].FindLastIndex(step, a => a.Kind == ActionKind.Backward);
            lists[rank].RemoveAt(step);
            lists[rank].Insert(random.Next(backward + 1), update);
            return "updates";
        });

    [Test]
    public void A_rank_that_runs_its_microbatches_against_the_others_blocks([ValueSource(nameof(OneByOne))] string name)
    {
        // The last rank asks for the last microbatch first; the first wants microbatch 0 back before it sends that one.
        var schedule = Schedules.Create(name, 3, 8);
        var last = schedule.Ranks - 1;
        var flipped = schedule[last].Select(a => a with { Microbatch = schedule.Microbatches - 1 - a.Microbatch });
        var corrupt = new Schedule("flipped", schedule.Actions.SetItem(last, [.. flipped]));
        var violation = ScheduleValidator.Violations(corrupt).Single();
        Assert.That((violation.Rule.Name, violation.Message.Contains("deadlock")), Is.EqualTo(("progress", true)));
    }

    private static IEnumerable<string> OneByOne => Catalogue.OneStagePerRank.Where(name => name != "gpipe");

    // Answers the rule that must catch what was done to the lists, or null when the place does not suit.
    private delegate string? Corruption(List<List<Action>> lists, int rank, int step, Random random);

    private static void Corrupt(string name, Corruption corruption)
    {
        const int seed = 240528;
        var random = new Random(seed);
        for (int trial = 0, caught = 0; caught < Trials; trial++)
        {
            var ranks = random.Next(2, 6);
            var sizes = Catalogue.Sizes(name, ranks).ToList();
            var schedule = sizes[random.Next(sizes.Count)];
            var lists = schedule.Actions.Select(list => list.ToList()).ToList();
            var rank = random.Next(ranks);
            var step = random.Next(lists[rank].Count);
            if (lists[rank].Count < 5 || corruption(lists, rank, step, random) is not { } rule)
                continue;
            var corrupt = new Schedule(name, lists);
            Assert.That(ScheduleValidator.Violations(corrupt).Select(v => v.Rule.Name).FirstOrDefault(), Is.EqualTo(rule),
                $"seed {seed}, trial {trial}: {schedule}, {schedule[rank][step]}\n{corrupt.ToGrid()}");
            caught++;
        }
    }
}
