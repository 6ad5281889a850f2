using System.Text;

namespace AutogradCore.Checking;

/// <summary>What a check found.</summary>
public enum Verdict
{
    /// <summary>Within the tolerance.</summary>
    Right,

    /// <summary>Outside it.</summary>
    Wrong,
}

/// <summary>The gradient with respect to one operand, against the five-point stencil.</summary>
/// <param name="Operand">The operand's name.</param>
/// <param name="WorstError">The largest |rule - stencil| / max(1, |stencil|) over its elements.</param>
/// <param name="WorstIndex">The element where it occurs, row-major.</param>
/// <param name="Rule">The rule's value there.</param>
/// <param name="Stencil">The stencil's value there.</param>
/// <param name="Verdict">Whether the error is within the tolerance.</param>
public sealed record OperandReport(string Operand, double WorstError, int WorstIndex, double Rule, double Stencil,
    Verdict Verdict);

/// <summary>A law that the split backward pass must obey, and how it was broken if it was.</summary>
/// <param name="Law">What must hold.</param>
/// <param name="Violation">What was seen instead; null when it holds.</param>
public sealed record LawReport(string Law, string? Violation)
{
    /// <summary>Whether the law holds.</summary>
    public bool Holds => Violation is null;
}

/// <summary>All that
/// <see cref="GradCheck.Run(string, Func{IReadOnlyList{Value}, IReadOnlyList{Value}}, GradCheckOptions, CheckOperand[])"/> found
/// about one function.</summary>
/// <param name="Name">The name it was checked under.</param>
/// <param name="Operands">A report for each floating operand.</param>
/// <param name="Laws">A report for each law.</param>
/// <param name="OverDeclared">Declared reads that no rule used: not wrong, but memory held for nothing.</param>
public sealed record GradCheckReport(string Name, IReadOnlyList<OperandReport> Operands, IReadOnlyList<LawReport> Laws,
    IReadOnlyList<string> OverDeclared)
{
    /// <summary>Whether every gradient is right and every law holds.</summary>
    public bool Passed => Operands.All(o => o.Verdict == Verdict.Right) && Laws.All(l => l.Holds);

    /// <summary>Fails a test with the whole report when something is wrong.</summary>
    /// <exception cref="GradCheckException">Something is wrong.</exception>
    public void ThrowIfWrong()
    {
        if (!Passed) throw new GradCheckException(this);
    }

    /// <summary>One screen: each operand with its error, each broken law.</summary>
    public override string ToString()
    {
        StringBuilder text = new($"{Name}: {(Passed ? "right" : "WRONG")}");
        foreach (OperandReport o in Operands)
        {
            string found = o.Verdict == Verdict.Right ? "right"
                : $"WRONG at element {o.WorstIndex}: rule {o.Rule:G9}, stencil {o.Stencil:G9}";
            text.Append($"\n  d/d{o.Operand,-10} worst error {o.WorstError:0.0e+00}  {found}");
        }
        HashSet<string> causes = [];
        foreach (LawReport law in Laws)
        {
            // One cause often breaks many laws: it is told once.
            if (law.Holds) continue;
            string violation = law.Violation!;
            string cause = violation.LastIndexOf(" (with ", StringComparison.Ordinal) is > 0 and int end
                ? violation[..end]
                : violation;
            text.Append($"\n  broken: {law.Law}{(causes.Add(cause) ? $": {law.Violation}" : ", by the same cause")}");
        }
        foreach (string read in OverDeclared) text.Append($"\n  note: {read}");
        return text.ToString();
    }
}
