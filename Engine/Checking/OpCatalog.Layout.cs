namespace AutogradCore.Checking;

public static partial class OpCatalog
{
    private static IEnumerable<OpSample> LayoutSamples() =>
    [
        Sample<Reshape>(null, v => v[0].Reshape(2, -1), X(4, 3)),
        Sample<Transpose>(null, v => v[0].Transpose(), X(2, 3, 4)),
        Sample<Transpose>("outer", v => v[0].Transpose(0, 2), X(2, 3, 4)),
        Sample<Slice>(null, v => v[0].Slice(1, 1, 2), X(3, 4)),
        Sample<Slice>("outer", v => v[0].Slice(0, 1, 2), X(3, 4)),
        Sample<Slice>("overlapping", v => v[0].Slice(-1, 0, 3) * v[0].Slice(-1, 1, 3), X(2, 4)),
        Sample<Concat>(null, v => Value.Concat(0, v[0], v[1]), Named("x0", 2, 3), Named("x1", 1, 3)),
        Sample<Concat>("inner, one twice", v => Value.Concat(-1, v[0], v[1], v[0]), Named("x0", 2, 3), Named("x1", 2, 1)),
        new(typeof(Split), "Split", v => v[0].Split(1, 1, 2, 3), X(2, 6)),
        new(typeof(Split), "Split:one part unused", v => [v[0].Split(-1, 2, 1, 2)[2]], X(2, 5)),
        new(typeof(Split), "Split:parts meet again", v =>
        {
            Value[] parts = v[0].Split(0, 2, 2);
            return [parts[0] * parts[1]];
        }, X(4, 3)),
    ];

    private static IEnumerable<OpSample> ReductionSamples() =>
    [
        Sample<Sum>(null, v => v[0].Sum(), X(3, 4)),
        Sample<Sum>("rows", v => v[0].Sum([0]), X(3, 4)),
        Sample<Sum>("kept", v => v[0].Sum([-1, 0], keepAxes: true), X(2, 3, 4)),
        Sample<Sum>("mean", v => v[0].Mean([1]), X(3, 4)),
        Sample<Sum>("empty", v => v[0].Sum([0]), X(0, 4)),
        Sample<Max>(null, v => v[0].Max(), CheckOperand.Distinct("x", [3, 4])),
        Sample<Max>("outer, kept", v => v[0].Max(0, keepAxis: true), CheckOperand.Distinct("x", [3, 2, 2])),
        Sample<Softmax>(null, v => v[0].Softmax(), X(3, 5)),
        Sample<Softmax>("outer axis", v => v[0].Softmax(0), X(4, 3)),
        Sample<LogSoftmax>(null, v => v[0].LogSoftmax(), X(3, 5)),
        Sample<LogSoftmax>("middle axis", v => v[0].LogSoftmax(1), X(2, 4, 3)),
    ];

    private static IEnumerable<OpErrorSample> OperandErrors()
    {
        Type[] unary = [typeof(Exp), typeof(Log), typeof(Tanh), typeof(Sigmoid), typeof(Relu), typeof(Gelu), typeof(GeluTanh),
            typeof(Silu), typeof(Affine)];
        foreach (Type op in unary)
            yield return new(
                op, "integers", g => Instance(op).Apply(Ints(g, 1, 2)), typeof(DTypeException),
                "must be Float32, Float64 or BFloat16");
        foreach (Type op in (Type[])[typeof(Add), typeof(Subtract), typeof(Multiply), typeof(Divide)])
        {
            yield return new(op, "shapes that do not broadcast", g => Instance(op).Apply(Zeros(g, 2, 3), Zeros(g, 2)),
                typeof(ShapeMismatchException), "a:[2,3]");
            yield return new(op, "mixed element types", g => Instance(op).Apply(Zeros(g, 2), Zeros(g, 2).Cast(DType.Float64)),
                typeof(DTypeException), "Float64");
        }
        yield return Error<WhereOp, DTypeException>(
            "a mask of numbers", g => Value.Where(Zeros(g, 2), Zeros(g, 2), Zeros(g, 2)), "must be Bool");
        yield return Error<Cast, ShapeMismatchException>(
            "two operands", g => new Cast(DType.Float64).Apply(Zeros(g, 2), Zeros(g, 2)), "takes 1 operand");
        yield return Error<DetachOp, ShapeMismatchException>(
            "two operands", g => DetachOp.Instance.Apply(Zeros(g, 2), Zeros(g, 2)), "takes 1 operand");
        yield return Error<Dropout, ModelException>("a probability above 1", g => Zeros(g, 2).Dropout(1.5, 0), "1.5");
        yield return Error<Dropout, ModelException>("a probability that is NaN", g => Zeros(g, 2).Dropout(double.NaN, 0), "NaN");
    }

    private static IEnumerable<OpErrorSample> LayoutErrors() =>
    [
        Error<Reshape, ShapeMismatchException>("another element count", g => Zeros(g, 2, 3).Reshape(4), "[4]"),
        Error<Reshape, ShapeMismatchException>("no whole number for -1", g => Zeros(g, 2, 3).Reshape(4, -1), "divide"),
        Error<Transpose, ShapeMismatchException>("no such axis", g => Zeros(g, 2, 3).Transpose(0, 2), "Axis 2"),
        Error<Slice, ShapeMismatchException>("past the end", g => Zeros(g, 2, 3).Slice(1, 2, 2), "outside axis 1"),
        Error<Concat, ShapeMismatchException>(
            "other lengths differ", g => Value.Concat(0, Zeros(g, 2, 3), Zeros(g, 2, 4)), "x1:[2,4]"),
        Error<Split, ShapeMismatchException>("parts that do not add up", g => Zeros(g, 2, 3).Split(1, 1, 1)[0], "1 + 1"),
        Error<Sum, ShapeMismatchException>("no such axis", g => Zeros(g, 2).Sum([3]), "Axis 3"),
        Error<Max, ShapeMismatchException>("an empty axis", g => Zeros(g, 2, 0).Max(), "empty"),
        Error<Softmax, ShapeMismatchException>("a scalar", g => Softmax.Instance.Apply(Zeros(g)), "axes"),
        Error<LogSoftmax, ShapeMismatchException>("a scalar", g => LogSoftmax.Instance.Apply(Zeros(g)), "axes"),
    ];

    private static Op Instance(Type op) => op == typeof(Affine)
        ? new Affine(2, 0)
        : (Op)op.GetProperty("Instance", System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static)!
            .GetValue(null)!;
}
