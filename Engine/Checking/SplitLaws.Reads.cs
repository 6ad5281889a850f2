namespace AutogradCore.Checking;

/// <summary>The law of declared reads.</summary>
internal sealed partial class SplitLaws
{
    private readonly List<string> _overDeclared = [];

    /// <summary>Declared reads that no rule used.</summary>
    public IReadOnlyList<string> OverDeclared => _overDeclared;

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
}
