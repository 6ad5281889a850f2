using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

[Parallelizable]
public sealed class SplitBackwardTests
{
    private static readonly TwoStage[] Splits = [TwoStage.End, TwoStage.Fill, TwoStage.Eager];

    [Test]
    public void Every_split_schedule_is_legal_and_each_stage_adds_its_weights_in_microbatch_order(
        [ValueSource(typeof(Catalogue), nameof(Catalogue.Flushing))] string name,
        [ValueSource(nameof(Splits))] TwoStage policy,
        [Range(1, 8)] int ranks)
    {
        foreach (var schedule in Catalogue.Sizes(name, ranks))
            ExpectSound(schedule, policy);
    }

    [Test]
    public void Several_stages_per_rank_split_as_well([ValueSource(nameof(Splits))] TwoStage policy)
    {
        const string loop = "0F0,0F1,2F0,2F1,2B0,2B1,0B0,0B1\n1F0,1F1,3F0,3F1,3B0,3B1,1B0,1B1";
        const string v = "0F0,0F1,3F0,3F1,3B0,3B1,0B0,0B1\n1F0,2F0,1F1,2F1,2B0,1B0,2B1,1B1";
        ExpectSound(Schedule.FromCsv(loop, "loop"), policy);
        ExpectSound(Schedule.FromCsv(v, "v"), policy);
    }

    [Test]
    public void Weights_stay_ascending_where_inputs_run_descending([ValueSource(nameof(Splits))] TwoStage policy) =>
        ExpectSound(Schedule.FromCsv("0F0,0F1,0F2,0B2,0B1,0B0\n1F0,1F1,1F2,1B2,1B1,1B0", "gpipe, last in first out"), policy);

    [Test]
    public void End_puts_all_weights_last() =>
        Assert.That(Split(TwoStage.End),
            Is.EqualTo("0F0,0F1,0I0,0F2,0I1,0I2,0W0,0W1,0W2\n1F0,1I0,1F1,1I1,1F2,1I2,1W0,1W1,1W2\n"));

    [Test]
    public void Eager_puts_weights_right_after_inputs() =>
        Assert.That(Split(TwoStage.Eager),
            Is.EqualTo("0F0,0F1,0I0,0W0,0F2,0I1,0W1,0I2,0W2\n1F0,1I0,1W0,1F1,1I1,1W1,1F2,1I2,1W2\n"));

    [Test]
    public void Fill_puts_weights_into_the_waits_of_the_cool_down_only() =>
        Assert.That(Split(TwoStage.Fill),
            Is.EqualTo("0F0,0F1,0I0,0F2,0I1,0W0,0I2,0W1,0W2\n1F0,1I0,1F1,1I1,1F2,1I2,1W0,1W1,1W2\n"));

    [Test]
    public void Random_schedules_keep_the_order_of_F_and_I_under_every_policy([ValueSource(nameof(Splits))] TwoStage policy)
    {
        var random = new Random(18);
        for (var trial = 0; trial < 100; trial++)
        {
            var schedule = RandomSchedule.Create(random);
            var costs = RandomSchedule.Costs(random, schedule.Stages);
            ExpectSound(schedule, policy);
            var split = SplitBackward.Apply(schedule, policy, costs);
            Assert.That(Spine(split), Is.EqualTo(Spine(schedule)), $"trial {trial}");
        }

        static IEnumerable<string> Spine(Schedule s) => s.Actions.Select(list => string.Join(',', list
            .Where(a => a.Kind != ActionKind.BackwardWeights)
            .Select(a => a.Kind == ActionKind.Backward ? a.As(ActionKind.BackwardInputs) : a)));
    }

    [Test]
    public void An_update_comes_after_the_weights_of_its_batch([ValueSource(nameof(Splits))] TwoStage policy)
    {
        const string csv = "0F0,0F1,0B0,0B1,0F2,0U0,0F3,0B2,0B3,0U1\n1F0,1B0,1F1,1B1,1U0,1F2,1B2,1F3,1B3,1U1";
        foreach (var list in SplitBackward.Apply(Schedule.FromCsv(csv), policy).Actions)
            for (var step = 0; step < list.Length; step++)
                if (list[step].Kind == ActionKind.BackwardWeights)
                    Assert.That(list.IndexOf(new(list[step].Stage, ActionKind.Update, list[step].Microbatch / 2)),
                        Is.GreaterThan(step));
    }

    [Test]
    public void Off_changes_nothing()
    {
        var schedule = Schedules.GPipe(2, 2);
        Assert.That(SplitBackward.Apply(schedule, TwoStage.Off), Is.SameAs(schedule));
    }

    [Test]
    public void Splitting_again_places_the_weights_anew(
        [ValueSource(nameof(Splits))] TwoStage first, [ValueSource(nameof(Splits))] TwoStage second)
    {
        var schedule = Schedules.OneForwardOneBackward(4, 6);
        var again = SplitBackward.Apply(SplitBackward.Apply(schedule, first), second);
        Assert.That(again, Is.EqualTo(SplitBackward.Apply(schedule, second)));
    }

    [Test]
    public void Eager_lets_a_spelled_out_send_go_first() =>
        Assert.That(
            SplitBackward.Apply(
                Schedule.FromCsv("0F0,0SEND_F0,0RECV_B0,0B0\n1RECV_F0,1F0,1B0,1SEND_B0"), TwoStage.Eager).ToCsv(),
            Is.EqualTo("0F0,0SEND_F0,0RECV_B0,0I0,0W0\n1RECV_F0,1F0,1I0,1SEND_B0,1W0\n"));

    [TestCase("off", TwoStage.Off)]
    [TestCase("Fill", TwoStage.Fill)]
    [TestCase("END", TwoStage.End)]
    [TestCase("eager", TwoStage.Eager)]
    public void Policies_parse_in_any_case(string text, TwoStage policy) =>
        Assert.That(TwoStageText.Parse(text), Is.EqualTo(policy));

    [TestCase("never")]
    [TestCase("1")]
    public void Other_words_list_the_policies(string text) =>
        Assert.That(() => TwoStageText.Parse(text),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("off, end, fill or eager"));

    private static string Split(TwoStage policy) =>
        SplitBackward.Apply(Schedules.OneForwardOneBackward(2, 3), policy).ToCsv();

    private static void ExpectSound(Schedule schedule, TwoStage policy)
    {
        var split = SplitBackward.Apply(schedule, policy);
        var backwards = schedule.Actions.Sum(list => list.Count(a => a.Kind == ActionKind.Backward));
        Assert.That(ScheduleValidator.Violations(split), Is.Empty, split.ToGrid());
        Assert.That(split.Count, Is.EqualTo(schedule.Count + backwards));
        foreach (var list in split.Actions)
            foreach (var stage in list.Where(a => a.Kind == ActionKind.BackwardWeights).GroupBy(a => a.Stage))
                Assert.That(stage.Select(a => a.Microbatch), Is.Ordered, $"{policy}\n{split.ToGrid()}");
    }
}
