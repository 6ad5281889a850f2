namespace AutogradCore.Checking;

/// <summary>The laws between role assignments, and between microbatches.</summary>
internal sealed partial class SplitLaws
{
    private double[]?[]? _all;
    private double _agreement;

    private string? RolesAgree(Role[] roles)
    {
        double[]?[] all = _all ??= AllWanted(), here = function.Gradients(roles);
        for (int i = 0; i < roles.Length; i++)
        {
            if (roles[i] == Role.Fixed || (all[i] ?? here[i]) is null) continue;
            for (int k = 0; k < function.Operands[i].Shape.ElementCount; k++)
            {
                double expected = all[i]?[k] ?? 0, found = here[i]?[k] ?? 0;
                if (double.IsNaN(expected) && double.IsNaN(found)) continue;
                if (!(Math.Abs(found - expected) <= _agreement * Math.Max(1, Math.Abs(expected))))
                    return $"the gradient of {NameOf(i)} is {found:G9} at element {k}, but {expected:G9} with all wanted";
            }
        }
        return null;
    }

    /// <summary>The gradients that are compared with the stencil. Sums of single precision may be taken in another
    /// order.</summary>
    private double[]?[] AllWanted()
    {
        Role[] roles = function.All(Role.Input);
        using (Evaluation e = function.Record(roles))
            _agreement = e.Graph.Nodes.Any(n => n.Slots.Any(s => s.DType == DType.Float32)) ? 1e-5 : 1e-10;
        return function.Gradients(roles);
    }

    /// <summary>Three microbatches of different data, two steps without forgetting the gradients in between.</summary>
    private string? BatchesAreOneByOne(Role[] roles)
    {
        if (!roles.Contains(Role.Parameter)) return null;
        double[]?[] oneByOne = ThreeMicrobatches(roles, graphs =>
        {
            foreach (Graph graph in graphs) graph.BackwardWeights();
        });
        return Different(oneByOne, ThreeMicrobatches(roles, graphs => Graph.BackwardWeights(graphs)));
    }

    private double[]?[] ThreeMicrobatches(Role[] roles, Action<Graph[]> backwardWeights)
    {
        using Evaluation first = function.Record(roles);
        using Evaluation second = function.Record(roles, microbatch: 1, parameters: first);
        using Evaluation third = function.Record(roles, microbatch: 2, parameters: first);
        Evaluation[] microbatches = [first, second, third];
        for (int step = 0; step < 2; step++)
        {
            foreach (Evaluation microbatch in microbatches)
            {
                if (!function.Forward(microbatch)) return new double[]?[roles.Length];
                microbatch.Graph.BackwardInputs();
            }
            backwardWeights([.. microbatches.Select(m => m.Graph)]);
        }
        return first.Gradients();
    }
}
