using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class FuseBackwardTests
{
    [Test]
    public void Fusing_undoes_an_eager_split([ValueSource(typeof(Catalogue), nameof(Catalogue.Whole))] string name)
    {
        var schedule = Schedules.Create(name, 4, 6);
        Assert.That(FuseBackward.Apply(SplitBackward.Apply(schedule, TwoStage.Eager)), Is.EqualTo(schedule));
    }

    [Test]
    public void Only_neighbours_of_the_same_stage_and_microbatch_fuse() =>
        Assert.That(
            FuseBackward.Apply(Schedule.FromCsv("0F0,0F1,0I0,0I1,0W0,0W1\n,\n2F0,2I0,2W0,1W0")).ToCsv(),
            Is.EqualTo("0F0,0F1,0I0,0I1,0W0,0W1\n,\n2F0,2B0,1W0\n"));

    [Test]
    public void A_fused_schedule_stays_legal()
    {
        for (var microbatches = 1; microbatches <= 12; microbatches++)
        {
            var filled = SplitBackward.Apply(Schedules.OneForwardOneBackward(5, microbatches), TwoStage.Fill);
            Assert.That(ScheduleValidator.Violations(FuseBackward.Apply(filled)), Is.Empty);
        }
    }
}
