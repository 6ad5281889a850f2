using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class ShardRuleTests
{
    [TestCase("0F0,0B0", Description = "never sharded")]
    [TestCase("0UNSHARD,0F0,0I0,0W0,0RESHARD")]
    [TestCase("0UNSHARD,0F0,0RESHARD,0UNSHARD,0B0", Description = "left gathered")]
    [TestCase("0UNSHARD,0RESHARD,0UNSHARD,0F0,0B0", Description = "gathered in vain")]
    [TestCase("0UNSHARD,0F0,1F0,0RESHARD,1B0,0UNSHARD,0B0", Description = "another stage computes")]
    [TestCase("0F0,0B0\n1UNSHARD,1F0,1B0,1RESHARD", Description = "one of two stages")]
    public void A_stage_computes_while_it_is_gathered(string csv) =>
        Assert.That(ScheduleValidator.Violations(Schedule.FromCsv(csv)), Is.Empty);

    [TestCase("0F0,0UNSHARD,0B0,0RESHARD", 0, "0F0", "0UNSHARD")]
    [TestCase("0UNSHARD,0F0,0RESHARD,0I0,0UNSHARD,0W0", 3, "0I0", "0UNSHARD")]
    [TestCase("0UNSHARD,0F0,0I0,0RESHARD,0W0", 4, "0W0", "0UNSHARD")]
    [TestCase("0UNSHARD,0F0,0RESHARD,0B0", 3, "0B0", "0UNSHARD")]
    [TestCase("0F0,0B0,0RESHARD", 0, "0F0", "0UNSHARD")]
    [TestCase("0UNSHARD,0UNSHARD,0F0,0B0", 1, "0UNSHARD", null)]
    [TestCase("0UNSHARD,0F0,0B0,0RESHARD,0RESHARD", 4, "0RESHARD", "0UNSHARD")]
    [TestCase("1UNSHARD,0F0,1F0,0UNSHARD,1B0,0B0", 1, "0F0", "0UNSHARD")]
    public void Work_on_a_sharded_stage_is_refused(string csv, int step, string action, string? needs)
    {
        var error = Assert.Throws<ScheduleException>(() => ScheduleValidator.Check(Schedule.FromCsv(csv)))!;
        Assert.That((error.Rule, error.Step, error.Action?.ToString(), error.Needs?.ToString()),
            Is.EqualTo(("shards", step, action, needs)));
        Assert.That(error.Message, Does.Contain($"[{action}]"));
    }

    [TestCase(TwoStage.End, "0UNSHARD,0F0,0F1,0I0,0I1,0W0,0W1,0RESHARD,1F0,1I0,1F1,1I1,1W0,1W1")]
    [TestCase(TwoStage.Eager, "0UNSHARD,0F0,0F1,0I0,0W0,0I1,0W1,0RESHARD,1F0,1I0,1W0,1F1,1I1,1W1")]
    [TestCase(TwoStage.Fill, "0UNSHARD,0F0,0F1,0I0,0I1,0W0,0W1,0RESHARD,1F0,1I0,1F1,1I1,1W0,1W1")]
    public void A_split_runs_weights_before_their_stage_is_sharded_again(TwoStage policy, string expected)
    {
        var costs = StageCosts.Uniform(2);
        var schedule = Schedule.FromCsv("0UNSHARD,0F0,0F1,1F0,1B0,1F1,1B1,0B0,0B1,0RESHARD");
        var split = SplitBackward.Apply(schedule, policy, costs);
        Assert.That(ScheduleValidator.Violations(split), Is.Empty, split.ToCsv());
        var ofStage0 = split[0].Where(action => action.Stage == 0);
        Assert.That(string.Join(',', ofStage0.Concat(split[0].Where(action => action.Stage == 1))), Is.EqualTo(expected));
    }
}
