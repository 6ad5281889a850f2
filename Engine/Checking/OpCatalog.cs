namespace AutogradCore.Checking;

/// <summary>Samples of every op: correct uses, on which gradients are checked,
/// and wrong ones with the errors they must give.</summary>
public static partial class OpCatalog
{
    /// <summary>Correct uses, at least one for each op.</summary>
    public static IReadOnlyList<OpSample> Samples { get; } =
        [.. ElementwiseSamples(), .. BroadcastSamples(), .. LayoutSamples(), .. ReductionSamples(), .. LayerSamples()];

    /// <summary>Wrong uses, at least one for each op.</summary>
    public static IReadOnlyList<OpErrorSample> Errors { get; } = [.. OperandErrors(), .. LayoutErrors(), .. LayerErrors()];

    private static OpSample Sample<TOp>(string? variant, Func<IReadOnlyList<Value>, Value> apply, params CheckOperand[] operands)
        where TOp : Op =>
        new(typeof(TOp), NameOf(typeof(TOp)) + (variant is null ? "" : $":{variant}"), v => [apply(v)], operands);

    private static OpErrorSample Error<TOp, TError>(string problem, Func<Graph, Value> apply, string says)
        where TOp : Op
        where TError : AutogradException =>
        new(typeof(TOp), problem, apply, typeof(TError), says);

    private static string NameOf(Type op) => op.Name.EndsWith("Op", StringComparison.Ordinal) ? op.Name[..^2] : op.Name;

    private static CheckOperand X(params ReadOnlySpan<int> shape) => CheckOperand.Random("x", Shape.Of(shape));

    private static CheckOperand Named(string name, params ReadOnlySpan<int> shape) => CheckOperand.Random(name, Shape.Of(shape));

    private static CheckOperand Positive(string name, params ReadOnlySpan<int> shape)
        => CheckOperand.Random(name, Shape.Of(shape), 0.5, 2.5);

    private static Value Zeros(Graph graph, params ReadOnlySpan<int> shape) =>
        graph.Input<float>(new float[Shape.Of(shape).ElementCount], Shape.Of(shape), name: "x");

    private static Value Ints(Graph graph, params int[] values) => graph.Input<int>(values, [values.Length], name: "ids");
}
