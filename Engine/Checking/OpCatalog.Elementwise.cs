namespace AutogradCore.Checking;

public static partial class OpCatalog
{
    private static IEnumerable<OpSample> ElementwiseSamples() =>
    [
        Sample<Exp>(null, v => v[0].Exp(), X(3, 5)),
        Sample<Exp>("scalar", v => v[0].Exp(), X()),
        Sample<Exp>("empty", v => v[0].Exp(), X(0, 3)),
        Sample<Log>(null, v => v[0].Log(), Positive("x", 3, 5)),
        Sample<Tanh>(null, v => v[0].Tanh(), X(3, 5)),
        Sample<Sigmoid>(null, v => v[0].Sigmoid(), X(3, 5)),
        Sample<Relu>(null, v => v[0].Relu(), CheckOperand.Distinct("x", [3, 5])),
        Sample<Gelu>(null, v => v[0].Gelu(), X(3, 5)),
        Sample<Gelu>("tails", v => v[0].Gelu(), CheckOperand.Random("x", [9], -6, 6)),
        Sample<GeluTanh>(null, v => v[0].Gelu(tanh: true), X(3, 5)),
        Sample<Silu>(null, v => v[0].Silu(), X(3, 5)),
        Sample<Affine>(null, v => 3 * v[0] + 0.5, X(3, 5)),
        Sample<Cast>(null, v => v[0].Cast(DType.Float32), X(3, 5)),
        Sample<Dropout>(null, v => v[0].Dropout(0.4, layer: 7), X(4, 9)),
        Sample<Dropout>("everything", v => v[0].Dropout(1, layer: 7), X(4)),
        Sample<DetachOp>(null, v => v[0] * v[0].Detach() + v[0] - v[0].Detach() * v[0], X(4)),
        Sample<WhereOp>(null, v => Value.Where(v[0], v[1], v[2]),
            CheckOperand.Mask("mask", [2, 3], true, false, true, true, false, false), Named("a", 2, 3), Named("b", 2, 3)),
        Sample<WhereOp>("broadcast", v => Value.Where(v[0], v[1], v[2]),
            CheckOperand.Mask("mask", [2, 1], true, false), Named("a", 3), Named("b", 2, 3)),
        Sample<WhereOp>(
            "masked fill", v => v[1].MaskedFill(v[0], -7), CheckOperand.Mask("mask", [3], true, false, true), X(2, 3)),
    ];

    private static IEnumerable<OpSample> BroadcastSamples()
    {
        (string Variant, CheckOperand A, CheckOperand B)[] shapes =
        [
            ("same", Positive("a", 3, 4), Positive("b", 3, 4)),
            ("row", Positive("a", 3, 4), Positive("b", 4)),
            ("column", Positive("a", 3, 1), Positive("b", 3, 4)),
            ("both ways", Positive("a", 2, 1, 3), Positive("b", 4, 1)),
            ("scalar", Positive("a"), Positive("b", 2, 3)),
            ("empty", Positive("a", 0, 3), Positive("b", 3)),
        ];
        foreach ((string variant, CheckOperand a, CheckOperand b) in shapes)
        {
            yield return Sample<Add>(variant, v => v[0] + v[1], a, b);
            yield return Sample<Subtract>(variant, v => v[0] - v[1], a, b);
            yield return Sample<Multiply>(variant, v => v[0] * v[1], a, b);
            yield return Sample<Divide>(variant, v => v[0] / v[1], a, b);
        }
        yield return Sample<Add>("with itself", v => v[0] + v[0], X(5));
        yield return Sample<Multiply>("with itself", v => v[0] * v[0], X(5));
        yield return Sample<Divide>("by itself", v => v[0] / v[0], Positive("x", 5));
    }
}
