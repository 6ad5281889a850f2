namespace AutogradCore.Checking;

public static partial class GradCheck
{
    /// <summary>Checks a module: the gradients of its input and of each of its parameters, reported by path, and the laws of the
    /// split.</summary>
    /// <remarks>The check gives the module's parameters memory and values in double, near those that their initialisers draw but
    /// off such special points as a gain of one, and takes them back: afterwards the module can be initialised as if nothing had
    /// been.</remarks>
    /// <param name="name">The name in the report.</param>
    /// <param name="module">A freshly built module, not initialised.</param>
    /// <param name="input">What its Forward takes; exactly one.</param>
    /// <exception cref="ModelException">The module is initialised already.</exception>
    /// <exception cref="GradCheckSetupException">Not one input, or nothing to differentiate.</exception>
    public static GradCheckReport Run(string name, Module module, params CheckOperand[] input) =>
        Run(name, module, new GradCheckOptions(), input);

    /// <inheritdoc cref="Run(string, Module, CheckOperand[])"/>
    /// <param name="name">The name in the report.</param>
    /// <param name="module">A freshly built module, not initialised.</param>
    /// <param name="options">Tolerance and seed.</param>
    /// <param name="input">What its Forward takes; exactly one.</param>
    public static GradCheckReport Run(string name, Module module, GradCheckOptions options, params CheckOperand[] input)
    {
        if (input.Length != 1)
            throw new GradCheckSetupException($"'{name}' was given {input.Length} inputs, but Module.Forward takes one.",
                "pass a function of several inputs beside the module: Run(name, module, v => ..., inputs)");
        return Run(name, module, v => module.Forward(v[0]), options, input);
    }

    /// <summary>Checks a function that uses a module, such as its loss: <c>v =>
    /// model.Forward(v[0]).CrossEntropy(v[1])</c>.</summary>
    /// <inheritdoc cref="Run(string, Module, CheckOperand[])"/>
    /// <param name="name">The name in the report.</param>
    /// <param name="module">A freshly built module, not initialised.</param>
    /// <param name="function">Builds the result from the inputs, by way of the module.</param>
    /// <param name="inputs">Where to check it.</param>
    public static GradCheckReport Run(string name, Module module, Func<IReadOnlyList<Value>, Value> function,
        params CheckOperand[] inputs) => Run(name, module, function, new GradCheckOptions(), inputs);

    /// <inheritdoc cref="Run(string, Module, Func{IReadOnlyList{Value}, Value}, CheckOperand[])"/>
    /// <param name="name">The name in the report.</param>
    /// <param name="module">A freshly built module, not initialised.</param>
    /// <param name="function">Builds the result from the inputs, by way of the module.</param>
    /// <param name="options">Tolerance and seed.</param>
    /// <param name="inputs">Where to check it.</param>
    public static GradCheckReport Run(string name, Module module, Func<IReadOnlyList<Value>, Value> function,
        GradCheckOptions options, params CheckOperand[] inputs)
    {
        using ReferenceBackend backend = new();
        return Run(backend, name, module, v => [function(v)], options, inputs);
    }

    /// <summary>Checks a function that uses a module, on a backend of choice.</summary>
    /// <inheritdoc cref="Run(string, Module, Func{IReadOnlyList{Value}, Value}, CheckOperand[])"/>
    public static GradCheckReport Run(IBackend backend, string name, Module module,
        Func<IReadOnlyList<Value>, IReadOnlyList<Value>> function, GradCheckOptions options, params CheckOperand[] inputs)
    {
        IReadOnlyList<Parameter> parameters = module.Parameters();
        if (parameters.FirstOrDefault(p => p.IsInitialized) is { } initialized)
            throw new ModelException($"'{name}' cannot be checked: its parameter '{initialized.Name}' is initialised already.",
                "pass a freshly built module; the check gives it memory and values, in double, and takes them back");
        module.AssignNames(module.Path);
        CheckOperand[] operands = [.. inputs, .. parameters.Select(p => OperandOf(p, backend, options.Seed))];
        bool[] trainable = [.. parameters.Select(p => p.Trainable)];
        try
        {
            return Check(name, new CheckedFunction(backend, function, operands, options.Seed, parameters), options);
        }
        finally
        {
            for (int i = 0; i < trainable.Length; i++) parameters[i].Trainable = trainable[i];
        }
    }

    /// <summary>A parameter's first values plus noise within ±1/2: a forgotten factor does not show at a gain of one.</summary>
    private static CheckOperand OperandOf(Parameter parameter, IBackend backend, ulong seed)
    {
        parameter.Initialize(backend, seed, DType.Float64);
        double[] values = parameter.Data.ToArray<double>();
        parameter.Dispose();
        IReadOnlyList<double> noise = CheckOperand.Random(parameter.Name, parameter.Shape, -0.5, 0.5, seed).Values;
        for (int i = 0; i < values.Length; i++) values[i] += noise[i];
        return new CheckOperand(parameter.Name, parameter.Shape, DType.Float64, values);
    }
}
