using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class SumRuleTests
{
    [TestCase("0F0,0F1,0B0,0B1,0REDUCE_GRAD")]
    [TestCase("0F0,0F1,0I0,0I1,0W1,0W0,0REDUCE_GRAD")]
    [TestCase("0F0,1F0,1B0,1REDUCE_GRAD,0B0", Description = "another stage still works, and is never summed")]
    [TestCase("0F0,0F1,0B0,0REDUCE_GRAD,0U0,0B1,0REDUCE_GRAD,0U1", Description = "once a batch")]
    [TestCase("0F0,0F1,0B0,0B1,0REDUCE_GRAD,0U0,0U1", Description = "the next batch's B may come first")]
    public void A_sum_follows_the_last_backward_of_its_batch(string csv) =>
        Assert.That(ScheduleValidator.Violations(Schedule.FromCsv(csv)), Is.Empty);

    [TestCase("0F0,0F1,0B0,0REDUCE_GRAD,0B1", 3, "0B1")]
    [TestCase("0F0,0I0,0REDUCE_GRAD,0W0", 2, "0W0")]
    [TestCase("0REDUCE_GRAD,0F0,0B0", 0, "0B0")]
    [TestCase("0F0,0B0,0REDUCE_GRAD,0REDUCE_GRAD", 3, null)]
    [TestCase("0F0,0F1,0B0,0U0,0REDUCE_GRAD,0B1,0U1", 4, "0B1")]
    [TestCase("0F0,0B0,0U0,0REDUCE_GRAD", 3, null)]
    public void A_sum_of_other_gradients_is_refused(string csv, int step, string? needs)
    {
        var error = Assert.Throws<ScheduleException>(() => ScheduleValidator.Check(Schedule.FromCsv(csv)))!;
        Assert.That((error.Rule, error.Step, error.Needs?.ToString()), Is.EqualTo(("sums", step, needs)));
        Assert.That(error.Message, Does.Contain("[0REDUCE_GRAD]"));
    }
}
