namespace AutogradCore.Checking;

/// <summary>The laws of the split backward pass, checked for one function with its operands in many roles.</summary>
internal sealed class SplitLaws(CheckedFunction function, CheckOperand[] operands)
{
    private readonly List<string> _overDeclared = [];

    /// <summary>Declared reads that no rule used.</summary>
    public IReadOnlyList<string> OverDeclared => _overDeclared;

    /// <summary>Checks all laws in all role assignments.</summary>
    public List<LawReport> Check() =>
    [
        Law(LawNames.Untouched, Untouched),
        Law(LawNames.SplitIsWhole, SplitIsWhole),
        Law(LawNames.Accumulates, TwiceIsDouble),
        Law(LawNames.Poison, PoisonChangesNothing),
        Law(LawNames.Bytes, BytesAreDeclared),
    ];

    private LawReport Law(string name, Func<Role[], string?> check)
    {
        foreach (Role[] roles in Assignments())
        {
            string? violation;
            try
            {
                violation = check(roles);
            }
            catch (AutogradException e)
            {
                violation = e.Message;
            }
            if (violation is not null) return new LawReport(name, $"{violation} (with {Describe(roles)})");
        }
        return new LawReport(name, null);
    }

    /// <summary>All inputs; all parameters; each operand alone a parameter, the others inputs, and the other way round; each alone differentiable.</summary>
    private IEnumerable<Role[]> Assignments()
    {
        int[] floating = [.. Enumerable.Range(0, operands.Length).Where(i => operands[i].IsChecked)];
        Role[] All(Role role) => [.. operands.Select(o => o.IsChecked ? role : Role.Fixed)];
        Role[] Except(Role all, int one, Role role)
        {
            Role[] roles = All(all);
            roles[one] = role;
            return roles;
        }
        yield return All(Role.Input);
        yield return All(Role.Parameter);
        foreach (int i in floating)
        {
            if (floating.Length > 1)
            {
                yield return Except(Role.Input, i, Role.Parameter);
                yield return Except(Role.Parameter, i, Role.Input);
            }
            yield return Except(Role.Fixed, i, Role.Input);
            yield return Except(Role.Fixed, i, Role.Parameter);
        }
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
        for (int i = 0; i < operands.Length; i++)
            if (roles[i] == Role.Parameter && !SameBits(before[i], after[i])) return $"the gradient of {operands[i].Name} changed";
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
        for (int i = 0; i < operands.Length; i++)
            if (roles[i] == Role.Parameter && once[i] is { } o && !IsDouble(o, twice[i]!, exact: e.Operands[i].Node.Readers == 1))
                return $"the gradient of {operands[i].Name} did not double";
        return null;
    }

    /// <summary>Exactly, when one rule contributes; several contributions round between them.</summary>
    private static bool IsDouble(double[] once, double[] twice, bool exact) => exact
        ? SameBits([.. once.Select(v => 2 * v)], twice)
        : once.Zip(twice).All(p => Math.Abs(p.Second - 2 * p.First) <= 1e-12 * Math.Max(1, Math.Abs(p.First)));

    private string? PoisonChangesNothing(Role[] roles)
    {
        double[]?[] clean = function.Gradients(roles);
        using Evaluation e = function.Record(roles, poison: true);
        if (!function.Forward(e)) return null;
        e.Graph.BackwardInputs();
        NoteOverDeclared(e);
        e.Graph.BackwardWeights();
        return Different(clean, e.Gradients());
    }

    private string? BytesAreDeclared(Role[] roles)
    {
        using Evaluation e = function.Record(roles);
        long before = e.Graph.Backend.Memory.CurrentBytes;
        if (!function.Forward(e)) return null;
        long seeds = e.Outputs.Where(o => o.Node.RequiresGradient).Distinct().Sum(o => o.Slot.Bytes);
        string? Held(GraphPhase phase, long extra)
        {
            long held = e.Graph.Backend.Memory.CurrentBytes - before - e.Parameters.Sum(p => p is { HasGradient: true } ? p.Gradient.View.Bytes : 0);
            long declared = e.Graph.DeclaredBytes(phase) + extra;
            return held == declared ? null : $"{phase}: {held} bytes held, {declared} declared";
        }
        if (Held(GraphPhase.Forwarded, seeds) is { } afterForward) return afterForward;
        e.Graph.BackwardInputs();
        if (Held(GraphPhase.InputsDone, 0) is { } afterInputs) return afterInputs;
        e.Graph.BackwardWeights();
        return Held(GraphPhase.WeightsDone, 0);
    }

    /// <summary>With a function that is one op, what the rule of the last node run declared and did not read.</summary>
    private void NoteOverDeclared(Evaluation e)
    {
        Node[] ops = [.. e.Graph.Nodes.Where(n => n.Kind == NodeKind.Operation)];
        if (ops.Length != 1 || ops[0].InputRules == 0) return;
        Reads declared = ops[0].ReadsOf(ops[0].InputRules), seen = e.Graph.LastReads;
        for (int i = 0; i < Node.MaxOperands; i++)
        {
            Note("operand", declared.Operands & ~seen.Operands, i < ops[0].Operands.Count ? ops[0].Op!.OperandName(i) : "");
            Note("output", declared.Outputs & ~seen.Outputs, $"{i}");
            Note("saved extra", declared.Extras & ~seen.Extras, $"{i}");

            void Note(string what, ulong unread, string name)
            {
                string note = $"{what} {name} is declared but never read";
                if ((unread >> i & 1) != 0 && name.Length > 0 && !_overDeclared.Contains(note)) _overDeclared.Add(note);
            }
        }
    }

    private string? Different(double[]?[] a, double[]?[] b)
    {
        for (int i = 0; i < operands.Length; i++)
            if (!SameBits(a[i], b[i])) return $"the gradient of {operands[i].Name} differs";
        return null;
    }

    private static bool SameBits(double[]? a, double[]? b)
    {
        if (a is null || b is null) return a == b;
        for (int i = 0; i < a.Length; i++)
            if (BitConverter.DoubleToInt64Bits(a[i]) != BitConverter.DoubleToInt64Bits(b[i])) return false;
        return a.Length == b.Length;
    }

    private string Describe(Role[] roles) => string.Join(", ", operands.Select((o, i) => $"{o.Name} {roles[i].ToString().ToLowerInvariant()}"));
}
