namespace AutogradCore.Checking;

public static partial class OpCatalog
{
    private static IEnumerable<OpSample> LayerSamples() =>
    [
        Sample<LinearOp>(null, v => v[0].Linear(v[1], v[2]), X(3, 4), Named("W", 5, 4), Named("b", 5)),
        Sample<LinearOp>("no bias, three axes", v => v[0].Linear(v[1]), X(2, 3, 4), Named("W", 2, 4)),
        Sample<LinearOp>("one row", v => v[0].Linear(v[1], v[2]), X(4), Named("W", 1, 4), Named("b", 1)),
        Sample<LinearOp>("no rows", v => v[0].Linear(v[1], v[2]), X(0, 4), Named("W", 2, 4), Named("b", 2)),
        Sample<MatMul>(null, v => v[0].MatMul(v[1]), Named("a", 2, 3), Named("b", 3, 4)),
        Sample<MatMul>("batched", v => v[0].MatMul(v[1]), Named("a", 2, 2, 3), Named("b", 2, 3, 2)),
        Sample<MatMul>("batch broadcast both ways", v => v[0].MatMul(v[1]), Named("a", 2, 1, 2, 3), Named("b", 3, 3, 2)),
        Sample<MatMul>("a transposed", v => v[0].MatMul(v[1], transposeA: true), Named("a", 3, 2), Named("b", 3, 4)),
        Sample<MatMul>("b transposed", v => v[0].MatMul(v[1], transposeB: true), Named("a", 2, 3), Named("b", 4, 3)),
        Sample<MatMul>(
            "both transposed", v => v[0].MatMul(v[1], transposeA: true, transposeB: true), Named("a", 2, 3, 2), Named("b", 4, 3)),
        Sample<MatMul>("with itself", v => v[0].MatMul(v[0]), X(3, 3)),
        Sample<LayerNormOp>(null, v => v[0].LayerNorm(v[1], v[2]), X(3, 5), Named("gamma", 5), Named("beta", 5)),
        Sample<LayerNormOp>("plain", v => v[0].LayerNorm(), X(2, 3, 4)),
        Sample<LayerNormOp>("gain alone", v => v[0].LayerNorm(v[1]), X(3, 5), Named("gamma", 5)),
        Sample<RmsNormOp>(null, v => v[0].RmsNorm(v[1]), X(3, 5), Named("gamma", 5)),
        Sample<RmsNormOp>("plain", v => v[0].RmsNorm(), X(2, 3, 4)),
        Sample<EmbeddingOp>(
            null, v => v[0].Embedding(v[1]), Named("W", 5, 3), CheckOperand.Integers("ids", [2, 3], 4, 0, 1, 1, 4, 4)),
        Sample<CrossEntropy>(
            null, v => v[0].CrossEntropy(v[1]), Named("logits", 3, 5), CheckOperand.Integers("targets", [3], 4, 0, 2)),
        Sample<CrossEntropy>("sum", v => v[0].CrossEntropy(v[1], new(Reduction.Sum)), Named("logits", 2, 2, 3),
            CheckOperand.Integers("targets", [2, 2], 2, 0, 1, 1)),
        Sample<CrossEntropy>("ignored and smoothed", v => v[0].CrossEntropy(v[1], new(IgnoreIndex: -1, LabelSmoothing: 0.1)),
            Named("logits", 4, 5), CheckOperand.Integers("targets", [4], 4, -1, 2, -1)),
        Sample<CrossEntropy>("all ignored", v => v[0].CrossEntropy(v[1]), Named("logits", 2, 3),
            CheckOperand.Integers("targets", [2], -100, -100)),
        Sample<Attention>(
            null, v => v[0].Attention(v[1], v[2]), Named("q", 2, 3, 2, 4), Named("k", 2, 3, 2, 4), Named("v", 2, 3, 2, 4)),
        Sample<Attention>("not causal, other length", v => v[0].Attention(v[1], v[2], new(Causal: false)),
            Named("q", 1, 3, 2, 2), Named("k", 1, 5, 2, 2), Named("v", 1, 5, 2, 2)),
        Sample<Attention>("grouped queries", v => v[0].Attention(v[1], v[2]), Named("q", 1, 4, 4, 2), Named("k", 1, 4, 2, 2),
            Named("v", 1, 4, 2, 2)),
        Sample<Attention>("causal with a past", v => v[0].Attention(v[1], v[2]), Named("q", 1, 2, 1, 2), Named("k", 1, 5, 1, 2),
            Named("v", 1, 5, 1, 2)),
        Sample<Attention>("causal, queries that see nothing", v => v[0].Attention(v[1], v[2], new(Scale: 0.3)),
            Named("q", 1, 4, 1, 2), Named("k", 1, 2, 1, 2), Named("v", 1, 2, 1, 2)),
        Sample<Attention>("of one value three times", v => v[0].Attention(v[0], v[0]), X(1, 4, 2, 2)),
        Sample<Rotary>(null, v => v[0].Rotary(), X(1, 3, 2, 4)),
        Sample<Rotary>("later, inverse", v => v[0].Rotary(new(Base: 100, Offset: 5, Inverse: true)), X(2, 2, 1, 6)),
    ];

    private static IEnumerable<OpErrorSample> LayerErrors() =>
    [
        Error<LinearOp, ShapeMismatchException>(
            "a transposed weight", g => Zeros(g, 8, 3).Linear(Zeros(g, 3, 5)), "disagree on K (3 vs 5)"),
        Error<LinearOp, ShapeMismatchException>(
            "a bias of another width", g => Zeros(g, 8, 3).Linear(Zeros(g, 5, 3), Zeros(g, 4)), "disagree on M (5 vs 4)"),
        Error<MatMul, ShapeMismatchException>(
            "inner lengths that differ", g => Zeros(g, 2, 3).MatMul(Zeros(g, 2, 3)), "disagree on K (3 vs 2)"),
        Error<MatMul, ShapeMismatchException>(
            "batches that do not broadcast", g => Zeros(g, 2, 3, 3).MatMul(Zeros(g, 3, 3, 3)), "broadcast"),
        Error<LayerNormOp, ShapeMismatchException>(
            "a gain of another width", g => Zeros(g, 2, 3).LayerNorm(Zeros(g, 4)), "disagree on C (3 vs 4)"),
        Error<LayerNormOp, ShapeMismatchException>(
            "a shift without a gain", g => Zeros(g, 2, 3).LayerNorm(beta: Zeros(g, 3)), "needs a gamma"),
        Error<RmsNormOp, ShapeMismatchException>(
            "a gain of another width", g => Zeros(g, 2, 3).RmsNorm(Zeros(g, 4)), "disagree on C (3 vs 4)"),
        Error<EmbeddingOp, DTypeException>("ids that are floats", g => Zeros(g, 4, 2).Embedding(Zeros(g, 3)), "must be Int32"),
        Error<EmbeddingOp, IndexRangeException>("an id past the table", g => Run(Zeros(g, 4, 2).Embedding(Ints(g, 0, 4))), "4"),
        Error<CrossEntropy, ShapeMismatchException>(
            "targets of another shape", g => Zeros(g, 4, 2).CrossEntropy(Ints(g, 0, 1)), "targets"),
        Error<CrossEntropy, IndexRangeException>(
            "a target past the classes", g => Run(Zeros(g, 2, 3).CrossEntropy(Ints(g, 0, 3))), "3"),
        Error<CrossEntropy, ModelException>(
            "smoothing of 1", g => Zeros(g, 1, 3).CrossEntropy(Ints(g, 0), new(LabelSmoothing: 1)), "smoothing"),
        Error<Attention, ShapeMismatchException>("head sizes that differ",
            g => Zeros(g, 1, 2, 2, 4).Attention(Zeros(g, 1, 2, 2, 3), Zeros(g, 1, 2, 2, 3)), "disagree on D (4 vs 3)"),
        Error<Attention, ShapeMismatchException>("heads that do not group",
            g => Zeros(g, 1, 2, 3, 4).Attention(Zeros(g, 1, 2, 2, 4), Zeros(g, 1, 2, 2, 4)), "3 query heads"),
        Error<Rotary, ShapeMismatchException>("an odd head size", g => Zeros(g, 1, 2, 2, 3).Rotary(), "must be even"),
        Error<Rotary, ModelException>("a base of 0", g => Zeros(g, 1, 2, 2, 4).Rotary(new(Base: 0)), "base"),
        Error<Attention, ModelException>("a scale that is no number",
            g => Zeros(g, 1, 2, 2, 4).Attention(Zeros(g, 1, 2, 2, 4), Zeros(g, 1, 2, 2, 4), new(Scale: double.NaN)), "NaN"),
        Error<LayerNormOp, ModelException>("an epsilon below 0", g => Zeros(g, 2, 3).LayerNorm(epsilon: -1), "epsilon"),
        Error<RmsNormOp, ModelException>(
            "an epsilon that is no number", g => Zeros(g, 2, 3).RmsNorm(epsilon: double.NaN), "epsilon"),
    ];

    private static Value Run(Value value)
    {
        value.Graph.Forward(value);
        return value;
    }
}
