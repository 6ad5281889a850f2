namespace AutogradCore.Checking;

/// <summary>What an operand is in one evaluation.</summary>
internal enum Role
{
    /// <summary>Data without a gradient.</summary>
    Fixed,

    /// <summary>Data with a gradient: the input side.</summary>
    Input,

    /// <summary>A parameter: the weight side.</summary>
    Parameter,
}

/// <summary>A function under check: evaluates it with operands in any role, and by stencil.</summary>
internal sealed class CheckedFunction(IBackend backend, Func<IReadOnlyList<Value>, IReadOnlyList<Value>> function, CheckOperand[] operands, ulong seed)
{
    public IBackend Backend => backend;

    /// <summary>Records the function on a graph; the caller owns the evaluation. When freed memory is poisoned, the inputs belong to the
    /// graph too: an operand that no rule declares is then gone after F, even if the function is a single op.</summary>
    public Evaluation Record(ReadOnlySpan<Role> roles, bool poison = false)
    {
        Graph graph = new(backend) { PoisonFreed = poison, Random = new RandomState(seed) };
        Value[] values = new Value[operands.Length];
        Parameter?[] parameters = new Parameter?[operands.Length];
        Tensor?[] tensors = new Tensor?[operands.Length];
        for (int i = 0; i < operands.Length; i++)
        {
            CheckOperand o = operands[i];
            if (roles[i] == Role.Parameter)
            {
                parameters[i] = Parameter.From<double>(backend, o.Values.ToArray(), o.Shape, o.Name);
                values[i] = graph.Parameter(parameters[i]!);
                continue;
            }
            tensors[i] = o.DType switch
            {
                DType.Int32 => Tensor.From<int>(backend, [.. o.Values.Select(v => (int)v)], o.Shape),
                DType.Bool => Tensor.From<byte>(backend, [.. o.Values.Select(v => (byte)v)], o.Shape),
                _ => Tensor.From<double>(backend, o.Values.ToArray(), o.Shape),
            };
            values[i] = poison
                ? graph.Placeholder(o.Shape, o.DType, roles[i] == Role.Input, o.Name)
                : graph.Input(tensors[i]!, roles[i] == Role.Input, o.Name);
        }
        Value[] outputs = [.. function(values).Where(v => v.DType.IsFloating())];
        return new Evaluation(graph, values, outputs, parameters, tensors);
    }

    /// <summary>The gradients of Σ u⊙y by the rules; null where none reaches an operand.</summary>
    public double[]?[] Gradients(ReadOnlySpan<Role> roles, bool poison = false)
    {
        using Evaluation e = Record(roles, poison);
        if (!Forward(e)) return new double[]?[operands.Length];
        e.Graph.Backward();
        return e.Gradients();
    }

    /// <summary>Runs forward and seeds the outputs with the cotangent; false when nothing depends on anything differentiable.</summary>
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
            double[] u = Cotangent(k, y.Shape.ElementCount);
            using Tensor t = y.DType == DType.Float64 ? Tensor.From<double>(backend, u, y.Shape) : Tensor.From<float>(backend, [.. u.Select(v => (float)v)], y.Shape);
            e.Graph.Seed(y, t.View);
            any = true;
        }
        return any;
    }

    /// <summary>The derivatives of Σ u⊙y with respect to each element of an operand by the five-point stencil; steps are powers of two.</summary>
    public double[] Stencil(int operand)
    {
        Role[] roles = new Role[operands.Length];
        using Evaluation e = Record(roles);
        double[] x = [.. operands[operand].Values], derivatives = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            double center = x[i], h = Math.ScaleB(1, Math.Max(0, double.IsFinite(center) && center != 0 ? Math.ILogB(center) : 0) - 10);
            double F(int steps)
            {
                x[i] = center + steps * h;
                e.Tensors[operand]!.CopyFrom<double>(x);
                return Project(e);
            }
            derivatives[i] = (8 * (F(1) - F(-1)) - (F(2) - F(-2))) / (12 * h);
            x[i] = center;
        }
        e.Tensors[operand]!.CopyFrom<double>(x);
        return derivatives;
    }

    private double Project(Evaluation e)
    {
        e.Graph.Forward(e.Outputs);
        double sum = 0;
        for (int k = 0; k < e.Outputs.Length; k++)
        {
            double[] y = Evaluation.Doubles(e.Outputs[k].View), u = Cotangent(k, y.Length);
            for (int i = 0; i < y.Length; i++) sum += u[i] * y[i];
        }
        return sum;
    }

    private double[] Cotangent(int output, int count)
    {
        RandomStream stream = RandomStream.Named($"cotangent {output}", seed);
        double[] u = new double[count];
        for (int i = 0; i < count; i++) u[i] = (float)(2 * stream.UniformDouble(i) - 1);
        return u;
    }
}

/// <summary>One recording of a function under check, with all it owns.</summary>
internal sealed record Evaluation(Graph Graph, Value[] Operands, Value[] Outputs, Parameter?[] Parameters, Tensor?[] Tensors) : IDisposable
{
    /// <summary>The gradients of the operands; null where there is none.</summary>
    public double[]?[] Gradients() =>
        [.. Operands.Select((o, i) => Parameters[i] is { } p
            ? p.HasGradient ? Doubles(p.Gradient.View) : null
            : o.Slot.GradientBuffer is not null ? Doubles(o.Gradient) : null)];

    public static double[] Doubles(in View view)
    {
        if (view.DType == DType.Float64) return view.Span<double>().ToArray();
        double[] values = new double[view.Shape.ElementCount];
        ReadOnlySpan<float> floats = view.Span<float>();
        for (int i = 0; i < values.Length; i++) values[i] = floats[i];
        return values;
    }

    public void Dispose()
    {
        Graph.Dispose();
        foreach (Parameter? p in Parameters) p?.Dispose();
        foreach (Tensor? t in Tensors) t?.Dispose();
    }
}
