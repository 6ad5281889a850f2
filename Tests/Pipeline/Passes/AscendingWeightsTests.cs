using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

[Parallelizable]
public sealed class AscendingWeightsTests
{
    [TestCase("0F0,0F1,0B1,0B0", "0F0,0F1,0I1,0B0,0W1")]
    [TestCase("0F0,0F1,0I0,0I1,0W1,0W0", "0F0,0F1,0I0,0I1,0W0,0W1")]
    [TestCase("0F0,0F1,0F2,0B2,0B1,0F3,0B0,0B3", "0F0,0F1,0F2,0I2,0I1,0F3,0B0,0W1,0W2,0B3")]
    [TestCase("0F0,0F1,0F2,0B1,0B0,0B2", "0F0,0F1,0F2,0I1,0B0,0W1,0B2")]
    [TestCase("0F0,0F1,1F0,1F1,1B1,0B1,1B0,0B0", "0F0,0F1,1F0,1F1,1I1,0I1,1B0,1W1,0B0,0W1")]
    public void A_weight_before_its_turn_runs_right_after_the_one_it_waits_for(string csv, string ordered) =>
        Assert.That(AscendingWeights.Apply(Schedule.FromCsv(csv)).ToCsv(), Is.EqualTo(ordered + "\n"));

    [Test]
    public void A_send_goes_before_the_weights_that_were_held_back() =>
        Assert.That(AscendingWeights.Apply(Schedule.FromCsv(
                "0F0,0SEND_F0,0F1,0SEND_F1,0RECV_B1,0B1,0RECV_B0,0B0\n"
                + "1RECV_F0,1F0,1RECV_F1,1F1,1B1,1SEND_B1,1B0,1SEND_B0")).ToCsv(),
            Is.EqualTo("0F0,0SEND_F0,0F1,0SEND_F1,0RECV_B1,0I1,0RECV_B0,0B0,0W1\n"
                + "1RECV_F0,1F0,1RECV_F1,1F1,1I1,1SEND_B1,1B0,1SEND_B0,1W1\n"));

    [Test]
    public void Schedules_in_order_stay_as_they_are([ValueSource(typeof(Catalogue), nameof(Catalogue.Flushing))] string name)
    {
        Schedule schedule = Schedules.Create(name, 2, 4);
        Assert.That(AscendingWeights.Holds(schedule));
        Assert.That(AscendingWeights.Apply(schedule), Is.SameAs(schedule));
    }

    [Test]
    public void Any_legal_schedule_stays_legal_and_keeps_all_else_in_place()
    {
        Random random = new(3);
        for (int i = 0; i < 300; i++)
        {
            Schedule before = RandomSchedule.Create(random, transfers: i % 2 == 0), after = AscendingWeights.Apply(before);
            Assert.That(AscendingWeights.Holds(after), before.ToCsv());
            Assert.That(ScheduleValidator.Violations(after), Is.Empty, $"{before.ToCsv()}\n{after.ToCsv()}");
            Assert.That(SplitBackward.Spine(after), Is.EqualTo(SplitBackward.Spine(before)), "what neighbours see");
        }
    }

    [Test]
    public void An_overlapped_pair_stays_one_where_its_B_becomes_I()
    {
        Schedule plain = Schedule.FromCsv("0F0,0F1,0I0,0I1,0F2,0W1,0W0,0F3,0B3,0B2");
        Schedule ordered = AscendingWeights.Apply(new Schedule("own", plain.Actions, [Action.Parse("0F3")]));
        Assert.That(ordered.Overlapped.Select(a => a.ToString()), Is.EqualTo(new[] { "0F3" }));
        Assert.That(ordered[0], Does.Contain(Action.Parse("0I3")));
        Assert.That(Schedule.FromCsv(ordered.ToCsv()), Is.EqualTo(ordered), "and it can be read back");
    }
}
