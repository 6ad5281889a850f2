using AutogradCore.Checking;

namespace AutogradCore.Cli;

/// <summary>What <c>gradcheck --json</c> says about one operand of one sample.</summary>
/// <param name="Op">The op's name.</param>
/// <param name="Variant">Which of its samples; null for the plain one.</param>
/// <param name="Operand">The floating operand; null when the sample has none.</param>
/// <param name="WorstError">The largest |rule - stencil| / max(1, |stencil|) over its elements.</param>
/// <param name="Verdict"><c>right</c>, <c>wrong</c>, or <c>nothing to differentiate</c>.</param>
/// <param name="Phase">Whether I leaves parameter gradients alone and I then W has the bits of both in one:
/// <c>passed</c> or <c>failed: why</c>.</param>
/// <param name="Poison">Whether the rules read only what they declare.</param>
/// <param name="Laws">All laws by name.</param>
internal sealed record GradCheckLine(
    string Op, string? Variant, string? Operand, double WorstError, string Verdict, string Phase, string Poison,
    IReadOnlyDictionary<string, string> Laws)
{
    private const string Passed = "passed";

    /// <summary>The op's name without the variant.</summary>
    public static string OpOf(OpSample sample) => sample.Name.Split(':', 2)[0];

    public static IEnumerable<GradCheckLine> Of(OpSample sample, GradCheckReport report)
    {
        Dictionary<string, string> laws = report.Laws.ToDictionary(
            l => l.Law, l => l.Violation is null ? Passed : $"failed: {l.Violation}");
        string untouched = laws[LawNames.Untouched];
        GradCheckLine line = new(
            OpOf(sample), sample.Name.Split(':', 2) is [_, var variant] ? variant : null, null, 0, "nothing to differentiate",
            untouched == Passed ? laws[LawNames.SplitIsWhole] : untouched, laws[LawNames.Poison], laws);
        return report.Operands.Count == 0
            ? [line]
            : report.Operands.Select(o => line with
            {
                Operand = o.Operand,
                WorstError = o.WorstError,
                Verdict = o.Verdict == Checking.Verdict.Right ? "right" : "wrong",
            });
    }
}
