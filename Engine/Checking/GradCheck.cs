namespace AutogradCore.Checking;

/// <summary>
/// Checks gradients, and the split of the backward pass, of any function of tensors: usable on ops, layers and models from any test.
/// </summary>
/// <remarks>
/// In double, each element's derivative of Σ u⊙y for a random cotangent u is compared with the five-point stencil
/// (−f(x+2h) + 8f(x+h) − 8f(x−h) + f(x−2h)) / 12h (Abramowitz &amp; Stegun 25.3.6). Then, with each operand in turn as input and as
/// parameter: parameter gradients are bitwise untouched after BackwardInputs; I then W has the bits of Backward; twice gives exactly
/// double; memory freed and filled with NaN changes nothing; the bytes held after each phase are those declared.
/// </remarks>
public static class GradCheck
{
    /// <summary>Checks a function of one result.</summary>
    /// <param name="name">The name in the report.</param>
    /// <param name="function">Builds the result from the operands, on their graph.</param>
    /// <param name="operands">Where to check it.</param>
    public static GradCheckReport Run(string name, Func<IReadOnlyList<Value>, Value> function, params CheckOperand[] operands) =>
        Run(name, v => [function(v)], new GradCheckOptions(), operands);

    /// <summary>Checks a function of several results, with options.</summary>
    /// <param name="name">The name in the report.</param>
    /// <param name="function">Builds the results from the operands, on their graph.</param>
    /// <param name="options">Tolerance and seed.</param>
    /// <param name="operands">Where to check it; at least one floating.</param>
    public static GradCheckReport Run(string name, Func<IReadOnlyList<Value>, IReadOnlyList<Value>> function, GradCheckOptions options,
        params CheckOperand[] operands)
    {
        using ReferenceBackend backend = new();
        return Run(backend, name, function, options, operands);
    }

    /// <summary>Checks a function on a backend of choice.</summary>
    public static GradCheckReport Run(IBackend backend, string name, Func<IReadOnlyList<Value>, IReadOnlyList<Value>> function,
        GradCheckOptions options, params CheckOperand[] operands)
    {
        CheckedFunction f = new(backend, function, operands, options.Seed);
        double[]?[] rules = f.Gradients([.. operands.Select(o => o.IsChecked ? Role.Input : Role.Fixed)]);
        List<OperandReport> reports = [];
        for (int i = 0; i < operands.Length; i++)
            if (operands[i].IsChecked) reports.Add(Compare(operands[i].Name, rules[i] ?? new double[operands[i].Shape.ElementCount], f.Stencil(i), options.Tolerance));
        SplitLaws laws = new(f, operands);
        return new GradCheckReport(name, reports, laws.Check(), laws.OverDeclared);
    }

    private static OperandReport Compare(string name, double[] rule, double[] stencil, double tolerance)
    {
        (double worst, int at) = (0, 0);
        for (int i = 0; i < rule.Length; i++)
        {
            double error = Math.Abs(rule[i] - stencil[i]) / Math.Max(1, Math.Abs(stencil[i]));
            if (error > worst || double.IsNaN(error)) (worst, at) = (error, i);
            if (double.IsNaN(error)) break;
        }
        bool right = worst <= tolerance;
        return new OperandReport(name, worst, at, rule.Length > 0 ? rule[at] : 0, rule.Length > 0 ? stencil[at] : 0, right ? Verdict.Right : Verdict.Wrong);
    }
}
