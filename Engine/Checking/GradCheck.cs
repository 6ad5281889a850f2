namespace AutogradCore.Checking;

/// <summary>
/// Checks gradients, and the split of the backward pass, of any function of tensors: usable on ops, layers and models from any
/// test.
/// </summary>
/// <remarks>
/// In double, each element's derivative of Σ u⊙y for a random cotangent u is compared with the five-point stencil
/// (−f(x+2h) + 8f(x+h) − 8f(x−h) + f(x−2h)) / 12h (Abramowitz &amp; Stegun 25.3.6). Then, with each operand in turn as input and
/// as parameter, alone and with the others: each gradient is that which was compared with the stencil; parameter gradients are
/// bitwise untouched after BackwardInputs; I then W has the bits of Backward; twice gives exactly double; memory freed and
/// filled with NaN changes nothing; the bytes held after each phase are those declared; the weights of three microbatches in one
/// call have the bits of one call after another. Modules are checked with their parameters as further operands, each reported by
/// its path.
/// </remarks>
public static partial class GradCheck
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
    /// <exception cref="GradCheckSetupException">No operand or no result is floating.</exception>
    public static GradCheckReport Run(string name, Func<IReadOnlyList<Value>, IReadOnlyList<Value>> function,
        GradCheckOptions options, params CheckOperand[] operands)
    {
        using ReferenceBackend backend = new();
        return Run(backend, name, function, options, operands);
    }

    /// <summary>Checks a function on a backend of choice.</summary>
    public static GradCheckReport Run(IBackend backend, string name, Func<IReadOnlyList<Value>, IReadOnlyList<Value>> function,
        GradCheckOptions options, params CheckOperand[] operands)
    {
        return Check(name, new CheckedFunction(backend, function, operands, options.Seed, []), options);
    }

    private static GradCheckReport Check(string name, CheckedFunction f, GradCheckOptions options)
    {
        if (!f.Operands.Any(o => o.IsChecked))
            throw new GradCheckSetupException($"'{name}' has no floating operand, so its check could find nothing.",
                "add an operand of Float64, such as CheckOperand.Random(\"x\", [3, 4])");
        double[]?[] rules = Rules(name, f);
        List<OperandReport> reports = [];
        for (int i = 0; i < f.Operands.Length; i++)
            if (f.Operands[i] is { IsChecked: true } o)
                reports.Add(Compare(f, i, rules[i] ?? new double[o.Shape.ElementCount], options.Tolerance));
        SplitLaws laws = new(f);
        return new GradCheckReport(name, reports, laws.Check(), laws.OverDeclared);
    }

    /// <summary>The gradients with every operand wanted; NaN when a rule throws, whose text the laws report.</summary>
    private static double[]?[] Rules(string name, CheckedFunction f)
    {
        using Evaluation e = f.Record(f.All(Role.Input));
        if (e.Outputs.Length == 0)
            throw new GradCheckSetupException($"'{name}' has no floating result, so its check could find nothing.",
                "return the results to differentiate");
        if (!f.Forward(e)) return new double[]?[f.Operands.Length];
        try
        {
            e.Graph.Backward();
            return e.Gradients();
        }
#pragma warning disable CA1031 // a rule that crashes, in whatever way, is a finding: the report goes on and shows its text
        catch (Exception x) when (x is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            return [.. f.Operands.Select(o => Enumerable.Repeat(double.NaN, o.Shape.ElementCount).ToArray())];
        }
    }

    private static OperandReport Compare(CheckedFunction f, int operand, double[] rule, double tolerance)
    {
        double[] stencil = f.Stencil(operand, (i, derivative) => !(Error(rule[i], derivative) > tolerance));
        (double worst, int at) = (0, 0);
        for (int i = 0; i < rule.Length; i++)
        {
            double error = Error(rule[i], stencil[i]);
            if (error > worst || double.IsNaN(error)) (worst, at) = (error, i);
            if (double.IsNaN(error)) break;
        }
        bool right = worst <= tolerance;
        (double found, double expected) = rule.Length > 0 ? (rule[at], stencil[at]) : (0, 0);
        return new OperandReport(f.Operands[operand].Name, worst, at, found, expected, right ? Verdict.Right : Verdict.Wrong);
    }

    private static double Error(double rule, double stencil) => Math.Abs(rule - stencil) / Math.Max(1, Math.Abs(stencil));
}
