using AutogradCore.Checking;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Checking;

/// <summary>Ops that are wrong in some roles or batches only, and checks that could find nothing.</summary>
public sealed class RoleMutantTests
{
    private static GradCheckReport Check(Op op) =>
        GradCheck.Run(op.Name, v => op.Apply(v[0], v[1]), CheckOperand.Random("a", [3, 2]), CheckOperand.Random("b", [3, 2]));

    private static LawReport[] Broken(GradCheckReport report) => [.. report.Laws.Where(l => !l.Holds)];

    [Test]
    public void A_rule_that_is_wrong_when_its_operand_alone_is_wanted_breaks_the_law_of_roles()
    {
        GradCheckReport report = Check(new WrongAlone());
        Assert.That(report.Operands.Select(o => o.Verdict), Is.All.EqualTo(Verdict.Right),
            "wanted together, they agree with the stencil");
        Assert.That(Broken(report).Select(l => l.Law), Is.EqualTo(new[] { LawNames.RolesAgree }), report.ToString);
        Assert.That(Broken(report)[0].Violation,
            Does.StartWith("the gradient of a is ").And.Contain("(with a parameter, b input)"));
    }

    private static IEnumerable<Op> WrongSums => [new ZeroSum(), new LastOfSum(), new OverwritingSum()];

    [TestCaseSource(nameof(WrongSums))]
    public void A_wrong_sum_over_microbatches_breaks_the_law_of_batches(Op op)
    {
        GradCheckReport report = Check(op);
        Assert.That(report.Operands.Select(o => o.Verdict), Is.All.EqualTo(Verdict.Right));
        Assert.That(Broken(report).Select(l => l.Law), Is.EqualTo(new[] { LawNames.Batches }), report.ToString);
        Assert.That(Broken(report)[0].Violation, Does.StartWith("the gradient of a differs").And.Contain("a parameter"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_rule_that_crashes_is_a_broken_law_with_the_text_of_the_crash(bool always)
    {
        GradCheckReport report = Check(new CrashingRule(always));
        Assert.That(report.Operands.Select(o => o.Verdict), Is.All.EqualTo(always ? Verdict.Wrong : Verdict.Right));
        Assert.That(Broken(report).First().Violation, Does.Contain("InvalidOperationException: the rule fell over"));
        Assert.That(report.ToString(), Does.Contain("WRONG").And.Contain("the rule fell over"));
    }

    [Test]
    public void A_sum_over_microbatches_with_a_parameter_for_x_and_data_for_the_weight_is_right() =>
        GradCheck.Run("hyper-network", v => v[0].Linear(v[1], v[2]),
            CheckOperand.Random("x", [4, 3]), CheckOperand.Random("W", [2, 3]), CheckOperand.Random("b", [2])).ThrowIfWrong();

    [Test]
    public void A_check_without_a_floating_operand_is_refused() =>
        Assert.That(() => GradCheck.Run("nothing", v => v[0], CheckOperand.Integers("ids", [2], 1, 2)),
            Throws.TypeOf<GradCheckSetupException>().With.Message.Contains("'nothing' has no floating operand")
                .And.Message.Contains("Hint"));

    [Test]
    public void A_check_without_a_floating_result_is_refused() =>
        Assert.That(() => GradCheck.Run("nothing", v => v[1],
                CheckOperand.Random("x", [2]), CheckOperand.Integers("ids", [2], 1, 2)),
            Throws.TypeOf<GradCheckSetupException>().With.Message.Contains("'nothing' has no floating result"));
}
