using AutogradCore.Checking;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Checking;

/// <summary>The test of the tests: ops that are wrong in one way each must be caught, and for that reason.</summary>
public sealed class MutantTests
{
    private const string TwiceIsDouble = "running twice gives exactly double";
    private const string Poison = "rules read only what they declare (freed memory is NaN)";

    private static GradCheckReport Check(Op op, int columns = 3) =>
        GradCheck.Run(op.Name, v => op.Apply(v[0], v[1]),
            CheckOperand.Random("a", [3, columns]), CheckOperand.Random("b", [3, columns]));

    private static string[] Wrong(GradCheckReport report) =>
        [.. report.Operands.Where(o => o.Verdict == Verdict.Wrong).Select(o => o.Operand)];

    private static string[] Broken(GradCheckReport report) => [.. report.Laws.Where(l => !l.Holds).Select(l => l.Law)];

    [Test]
    public void The_op_from_which_the_mutants_differ_is_right()
    {
        GradCheckReport report = Check(new Product());
        Assert.That(report.Passed, report.ToString);
        Assert.That(report.OverDeclared, Is.Empty);
    }

    [Test]
    public void A_rule_off_by_a_thousandth_is_wrong_for_that_operand_alone()
    {
        GradCheckReport report = Check(new ScaledRule());
        Assert.That(Wrong(report), Is.EqualTo(new[] { "b" }), report.ToString);
        Assert.That(Broken(report), Is.Empty, "the laws of the split know nothing of formulas");
    }

    [Test]
    public void A_dropped_transpose_is_wrong_for_x_alone()
    {
        GradCheckReport report = Check(new DroppedTranspose());
        Assert.That(Wrong(report), Is.EqualTo(new[] { "a" }), report.ToString);
    }

    [Test]
    public void An_overwrite_instead_of_an_add_breaks_the_law_of_doubling()
    {
        GradCheckReport report = Check(new OverwritingRule());
        Assert.That(Wrong(report), Is.Empty, "alone, the first contribution may overwrite");
        Assert.That(Broken(report), Is.EqualTo(new[] { TwiceIsDouble }), report.ToString);
        Assert.That(report.Laws.Single(l => !l.Holds).Violation, Does.StartWith("the gradient of b did not double"));
    }

    [Test]
    public void An_overwrite_is_wrong_where_an_operand_is_used_twice()
    {
        OverwritingRule op = new();
        GradCheckReport report = GradCheck.Run("twice", v => op.Apply(v[0], v[1]) + v[1].Exp(),
            CheckOperand.Random("a", [3]), CheckOperand.Random("b", [3]));
        Assert.That(Wrong(report), Is.EqualTo(new[] { "b" }), report.ToString);
    }

    [Test]
    public void An_undeclared_read_is_found_with_the_operand_alone_wanted_and_names_the_missing_declaration()
    {
        GradCheckReport report = Check(new UndeclaredRead());
        Assert.That(Wrong(report), Is.Empty, "wanted together, a declares it by chance");
        Assert.That(report.Laws.First(l => !l.Holds).Violation,
            Does.Contain("UndeclaredRead").And.Contain("operand b").And.Contain("Reads.Operand(1)").And.Contain("b input"));
    }

    [Test]
    public void A_view_kept_from_forward_is_caught_by_poison_even_in_a_single_op()
    {
        GradCheckReport report = Check(new StaleView());
        Assert.That(Wrong(report), Is.Empty, "nothing is freed under it while the inputs belong to the caller");
        Assert.That(Broken(report), Is.EqualTo(new[] { Poison }), report.ToString);
    }

    [Test]
    public void Reads_declared_for_nothing_are_named_and_are_not_wrong()
    {
        GradCheckReport report = Check(new OverDeclaredRead());
        Assert.That(report.Passed, report.ToString);
        Assert.That(report.OverDeclared, Is.EquivalentTo(new[]
        {
            "operand a is declared but never read", "operand b is declared but never read", "output 0 is declared but never read",
        }));
    }

    [Test]
    public void A_missing_rule_is_reported_and_names_the_operand_that_was_left_out()
    {
        GradCheckReport report = Check(new MissingRule());
        Assert.That(report.Laws.First(l => !l.Holds).Violation, Does.Contain("left out operand right"));
    }

    [Test]
    public void A_failed_check_throws_the_whole_report()
    {
        GradCheckException error = Assert.Throws<GradCheckException>(() => Check(new ScaledRule()).ThrowIfWrong())!;
        Assert.That(error.Message, Does.Contain("ScaledRule: WRONG").And.Contain("d/db").And.Contain("WRONG at element"));
        Assert.That(error.Report.Passed, Is.False);
    }
}
