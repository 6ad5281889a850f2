namespace AutogradCore.Checking;

/// <summary>A function under check: evaluates it with operands in any role, and by stencil.</summary>
/// <param name="backend">Where it runs.</param>
/// <param name="function">Builds the results from the inputs.</param>
/// <param name="operands">The inputs, then one for each of <paramref name="owned"/>.</param>
/// <param name="seed">Chooses the cotangents and the random numbers of the function.</param>
/// <param name="owned">A module's own parameters, which the function reaches by itself; without memory between
/// evaluations.</param>
internal sealed partial class CheckedFunction(IBackend backend, Func<IReadOnlyList<Value>, IReadOnlyList<Value>> function,
    CheckOperand[] operands, ulong seed, IReadOnlyList<Parameter> owned)
{
    private readonly int _inputs = operands.Length - owned.Count;

    public CheckOperand[] Operands => operands;

    /// <summary>The role that an operand can really have: a module's own parameter is never an input.</summary>
    public Role RoleOf(int operand, Role asked) => !operands[operand].IsChecked ? Role.Fixed
        : operand >= _inputs && asked == Role.Input ? Role.Parameter : asked;

    /// <summary>Every floating operand in one role.</summary>
    public Role[] All(Role role) => [.. operands.Select((_, i) => RoleOf(i, role))];

    /// <summary>Records the function on a graph; the caller owns the evaluation. When freed memory is poisoned, the inputs
    /// belong to the graph too: an operand that no rule declares is then gone after F, even if the function is a single
    /// op.</summary>
    /// <param name="roles">What each operand is.</param>
    /// <param name="poison">Whether freed memory is filled with NaN.</param>
    /// <param name="microbatch">Chooses other data: values in another order, other cotangents and other random numbers.</param>
    /// <param name="parameters">The evaluation whose parameters are used too; null for own ones.</param>
    public Evaluation Record(ReadOnlySpan<Role> roles, bool poison = false, int microbatch = 0, Evaluation? parameters = null)
    {
        Graph graph = new(backend) { PoisonFreed = poison, Random = new RandomState(seed, 0, microbatch) };
        Evaluation e = new(graph, new Value[operands.Length], new Parameter?[operands.Length], new Tensor?[operands.Length])
        {
            Microbatch = microbatch,
            SharesParameters = parameters is not null,
        };
        try
        {
            for (int i = 0; i < operands.Length; i++)
                e.Operands[i] = i >= _inputs || roles[i] == Role.Parameter
                    ? graph.Parameter(e.Parameters[i] = parameters?.Parameters[i] ?? NewParameter(i, roles[i]))
                    : Data(e, i, roles[i], poison);
            e.Outputs = [.. function(e.Operands[.._inputs]).Where(v => v.DType.IsFloating())];
            return e;
        }
        catch
        {
            e.Dispose();
            throw;
        }
    }

    private Parameter NewParameter(int i, Role role)
    {
        CheckOperand o = operands[i];
        if (i < _inputs) return Parameter.From<double>(backend, o.Values.ToArray(), o.Shape, o.Name);
        Parameter parameter = owned[i - _inputs];
        parameter.Initialize(backend, seed, DType.Float64);
        parameter.Data.CopyFrom<double>(o.Values.ToArray());
        parameter.Trainable = role == Role.Parameter;
        return parameter;
    }

    private Value Data(Evaluation e, int i, Role role, bool poison)
    {
        CheckOperand o = operands[i];
        Tensor tensor = e.Tensors[i] = o.DType switch
        {
            DType.Int32 => Tensor.From<int>(backend, [.. o.Values.Select(v => (int)v)], o.Shape),
            DType.Bool => Tensor.From<byte>(backend, [.. o.Values.Select(v => (byte)v)], o.Shape),
            _ => Tensor.From<double>(backend, Rotated(o.Values, e.Microbatch), o.Shape),
        };
        return poison
            ? e.Graph.Placeholder(o.Shape, o.DType, role == Role.Input, o.Name)
            : e.Graph.Input(tensor, role == Role.Input, o.Name);
    }

    /// <summary>The gradients of Σ u⊙y by the rules; null where none reaches an operand.</summary>
    public double[]?[] Gradients(ReadOnlySpan<Role> roles, bool poison = false)
    {
        using Evaluation e = Record(roles, poison);
        if (!Forward(e)) return new double[]?[operands.Length];
        e.Graph.Backward();
        return e.Gradients();
    }

    /// <summary>Runs forward and seeds the outputs with the cotangent; false when nothing depends on anything
    /// differentiable.</summary>
    public bool Forward(Evaluation e)
    {
        if (e.Graph.PoisonFreed)
            for (int i = 0; i < e.Operands.Length; i++)
                if (e.Tensors[i] is { } t) e.Graph.Feed(e.Operands[i], t.View);
        e.Graph.Forward(e.Outputs);
        bool any = false;
        for (int k = 0; k < e.Outputs.Length; k++)
        {
            Value y = e.Outputs[k];
            if (!y.Node.RequiresGradient) continue;
            double[] u = Cotangent(k, e.Microbatch, y.Shape.ElementCount);
            using Tensor t = y.DType == DType.Float64
                ? Tensor.From<double>(backend, u, y.Shape)
                : Tensor.From<float>(backend, [.. u.Select(v => (float)v)], y.Shape);
            e.Graph.Seed(y, t.View);
            any = true;
        }
        return any;
    }

    private static double[] Rotated(IReadOnlyList<double> values, int by) =>
        [.. values.Select((_, i) => values[(i + by) % values.Count])];

    private double[] Cotangent(int output, int microbatch, int count)
    {
        RandomStream stream = RandomStream.Named($"cotangent {output} of {microbatch}", seed);
        double[] u = new double[count];
        for (int i = 0; i < count; i++) u[i] = (float)(2 * stream.UniformDouble(i) - 1);
        return u;
    }
}
