namespace AutogradCore.Checking;

/// <summary>The laws of the split backward pass, checked for one function with its operands in many roles.</summary>
internal sealed partial class SplitLaws(CheckedFunction function)
{
    /// <summary>Checks all laws in all role assignments.</summary>
    public List<LawReport> Check() =>
    [
        Law(LawNames.RolesAgree, RolesAgree),
        Law(LawNames.Untouched, Untouched),
        Law(LawNames.SplitIsWhole, SplitIsWhole),
        Law(LawNames.Accumulates, TwiceIsDouble),
        Law(LawNames.Poison, PoisonChangesNothing),
        Law(LawNames.Bytes, BytesAreDeclared),
        Law(LawNames.Batches, BatchesAreOneByOne),
    ];

    private LawReport Law(string name, Func<Role[], string?> check)
    {
        foreach (Role[] roles in RoleAssignments.Of(function))
        {
            string? violation;
            try
            {
                violation = check(roles);
            }
#pragma warning disable CA1031 // a rule that crashes, in whatever way, is a finding: the report goes on and shows its text
            catch (Exception e) when (e is not OutOfMemoryException)
#pragma warning restore CA1031
            {
                violation = e is AutogradException ? e.Message : $"{e.GetType().Name}: {e.Message}";
            }
            if (violation is not null)
                return new LawReport(name, $"{violation} (with {RoleAssignments.Describe(function, roles)})");
        }
        return new LawReport(name, null);
    }

    private string? Untouched(Role[] roles)
    {
        using Evaluation e = function.Record(roles);
        if (!function.Forward(e)) return null;
        e.Graph.Backward();
        double[]?[] before = e.Gradients();
        if (!function.Forward(e)) return null;
        e.Graph.BackwardInputs();
        double[]?[] after = e.Gradients();
        for (int i = 0; i < function.Operands.Length; i++)
            if (roles[i] == Role.Parameter && !SameBits(before[i], after[i])) return $"the gradient of {NameOf(i)} changed";
        e.Graph.BackwardWeights();
        return null;
    }

    private string? SplitIsWhole(Role[] roles)
    {
        double[]?[] whole = function.Gradients(roles);
        using Evaluation e = function.Record(roles);
        if (!function.Forward(e)) return null;
        e.Graph.BackwardInputs();
        while (e.Graph.RunNextDeferred())
        {
        }
        return Different(whole, e.Gradients());
    }

    private string? TwiceIsDouble(Role[] roles)
    {
        double[]?[] once = function.Gradients(roles);
        using Evaluation e = function.Record(roles);
        for (int run = 0; run < 2; run++)
        {
            if (!function.Forward(e)) return null;
            e.Graph.Backward();
        }
        double[]?[] twice = e.Gradients();
        for (int i = 0; i < function.Operands.Length; i++)
            if (roles[i] == Role.Parameter && once[i] is { } o && !IsDouble(o, twice[i]!, exact: IsOneSum(e.Operands[i])))
                return $"the gradient of {NameOf(i)} did not double";
        return null;
    }

    /// <summary>Whether one rule contributes, and not row by row as those of tables with their ids do.</summary>
    private static bool IsOneSum(Value operand) => operand.Node.Readers == 1
        && operand.Graph.Nodes.First(n => n.Operands.Contains(operand)).Operands.All(o => o.DType != DType.Int32);

    /// <summary>Exactly, when the gradient is one sum; several contributions round between them.</summary>
    private static bool IsDouble(double[] once, double[] twice, bool exact) => exact
        ? SameBits([.. once.Select(v => 2 * v)], twice)
        : once.Zip(twice).All(p => Math.Abs(p.Second - 2 * p.First) <= 1e-12 * Math.Max(1, Math.Abs(p.First)));

    private string? BytesAreDeclared(Role[] roles)
    {
        using Evaluation e = function.Record(roles);
        long before = e.Graph.Backend.Memory.CurrentBytes;
        if (!function.Forward(e)) return null;
        long seeds = e.Outputs.Where(o => o.Node.RequiresGradient).Distinct().Sum(o => o.Slot.Bytes);
        string? Held(GraphPhase phase, long extra)
        {
            long gradients = e.Parameters.Sum(p => p is { HasGradient: true } ? p.Gradient.View.Bytes : 0);
            long held = e.Graph.Backend.Memory.CurrentBytes - before - gradients;
            long declared = e.Graph.DeclaredBytes(phase) + extra;
            return held == declared ? null : $"{phase}: {held} bytes held, {declared} declared";
        }
        if (Held(GraphPhase.Forwarded, seeds) is { } afterForward) return afterForward;
        e.Graph.BackwardInputs();
        if (Held(GraphPhase.InputsDone, 0) is { } afterInputs) return afterInputs;
        e.Graph.BackwardWeights();
        return Held(GraphPhase.WeightsDone, 0);
    }

    private string? Different(double[]?[] a, double[]?[] b)
    {
        for (int i = 0; i < function.Operands.Length; i++)
            if (!SameBits(a[i], b[i])) return $"the gradient of {NameOf(i)} differs";
        return null;
    }

    private static bool SameBits(double[]? a, double[]? b)
    {
        if (a is null || b is null) return a == b;
        for (int i = 0; i < a.Length; i++)
            if (BitConverter.DoubleToInt64Bits(a[i]) != BitConverter.DoubleToInt64Bits(b[i])) return false;
        return a.Length == b.Length;
    }

    private string NameOf(int operand) => function.Operands[operand].Name;
}
