namespace AutogradCore.Nn;

/// <summary>In which types a model keeps its numbers. Parameters, their gradients and the optimizer's state are of one type, the
/// master; weights and activations are stored as another, where that is narrower; sums, norms, softmax and losses are computed in
/// the type that the stored one is summed in.</summary>
/// <param name="Name">What it is called at the command line.</param>
/// <param name="Storage">The type of activations, and of weights as products read them; null for the parameters' own.</param>
/// <remarks>A policy is the work of <c>Cast</c>: the embedding rounds its result, and each layer that multiplies rounds its
/// weights to the type of what it is given. Gains, shifts and biases stay as they are.</remarks>
public sealed record Precision(string Name, DType? Storage)
{
    /// <summary>Everything in the parameters' own type: floats, or doubles where the model is initialised with them for
    /// checks.</summary>
    public static Precision Float32 { get; } = new("float32", null);

    /// <summary>Weights and activations rounded to <see cref="DType.BFloat16"/>, everything else in floats.</summary>
    public static Precision BFloat16 { get; } = new("bf16", DType.BFloat16);

    /// <summary>The names that <see cref="Named"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [Float32.Name, BFloat16.Name];

    /// <summary>The policy of a name: <c>float32</c> or <c>bf16</c>.</summary>
    /// <exception cref="ModelException">No such name.</exception>
    public static Precision Named(string name) =>
        name == Float32.Name ? Float32
        : name == BFloat16.Name ? BFloat16
        : throw new ModelException($"There is no precision '{name}'.", $"choose one of {string.Join(", ", Names)}");

    /// <summary>An activation as this policy stores it.</summary>
    public Value Store(Value activation) => Storage is { } storage ? activation.Cast(storage) : activation;

    /// <summary>A parameter as a product with <paramref name="x"/> reads it: rounded where x is, else itself. Its gradient is not
    /// rounded.</summary>
    public static Value WeightFor(Value x, Parameter parameter)
    {
        Value weight = x.Graph.Parameter(parameter);
        return x.DType == DType.BFloat16 ? weight.Cast(DType.BFloat16) : weight;
    }
}
