using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

/// <summary>A call of every verb on operands of BFloat16, writing or adding.</summary>
internal static class RoundedVerbs
{
    /// <summary>Verbs whose float result depends on no order of additions and no approximation: the rounded one is its rounding,
    /// bit for bit.</summary>
    public static IReadOnlyDictionary<string, Action<RoundedOperands, bool>> Exact { get; } =
        new SortedDictionary<string, Action<RoundedOperands, bool>>(StringComparer.Ordinal)
        {
            ["Fill"] = (o, adds) => o.Backend.Fill(o.Result([5]), 0.1),
            ["Copy"] = (o, adds) => o.Backend.Copy(o.In([3, 5, 2]).Swap(0, 1), To(adds, o.Result([5, 3, 2]))),
            ["Copy to floats"] = (o, adds) => o.Backend.Copy(o.In([37]), To(adds, o.FloatResult([37]))),
            ["Copy of floats"] = (o, adds) => o.Backend.Copy(o.Floats([37]), To(adds, o.Result([37]))),
            ["Cast"] = (o, adds) => o.Backend.Cast(o.In([5, 7]).T, To(adds, o.Result([7, 5]))),
            ["Cast to floats"] = (o, adds) => o.Backend.Cast(o.In([33]), To(adds, o.FloatResult([33]))),
            ["Cast to integers"] = (o, adds) => o.Backend.Cast(o.In([33], 9), To(adds, o.IntegerResult([33]))),
            ["Cast of integers"] = (o, adds) => o.Backend.Cast(o.Integers([33], 5000), To(adds, o.Result([33]))),
            ["Map Relu"] = (o, adds) => o.Backend.Map<Relu.Function>(o.In([65]), To(adds, o.Result([65]))),
            ["Zip Add"] = (o, adds) => o.Backend.Zip<Add.Function>(o.In([4, 33]), o.In([33]), To(adds, o.Result([4, 33]))),
            ["Zip with floats"] = (o, adds) =>
                o.Backend.Zip<Add.Function>(o.In([4, 33]), o.Floats([4, 1]), To(adds, o.Result([4, 33]))),
            ["Where"] = (o, adds) => o.Backend.Where(o.Mask([4, 9]), o.In([4, 9]), o.In([9]), To(adds, o.Result([4, 9]))),
            ["Where nothing"] = (o, adds) => o.Backend.Where(o.Mask([4, 9]), default, o.In([4, 1]), To(adds, o.Result([4, 9]))),
            ["Max"] = (o, adds) => o.Backend.Max(o.In([4, 9, 3]), 1, o.Result([4, 1, 3]), o.IntegerResult([4, 1, 3])),
            ["MaxGradient"] = (o, adds) =>
                o.Backend.MaxGradient(o.In([4, 1, 3]), o.Integers([4, 1, 3], 9), 1, To(adds, o.Result([4, 9, 3]))),
            ["Gather"] = (o, adds) => o.Backend.Gather(o.In([7, 18]), o.Integers([9], 7), To(adds, o.Result([9, 18]))),
            ["ScatterAdd to floats"] = (o, adds) =>
                o.Backend.ScatterAdd(o.In([9, 18]), o.Integers([9], 4), To(adds, o.FloatResult([4, 18]))),
            ["ScatterAdd"] = (o, adds) => o.Backend.ScatterAdd(o.In([9, 18]), o.Integers([9], 4), To(adds, o.Result([4, 18]))),
        };

    /// <summary>The other verbs.</summary>
    public static IReadOnlyDictionary<string, Action<RoundedOperands, bool>> Others { get; } =
        new SortedDictionary<string, Action<RoundedOperands, bool>>(StringComparer.Ordinal)
        {
            ["Map Gelu"] = (o, adds) => o.Backend.Map<GeluTanh.Function>(o.In([65], 3), To(adds, o.Result([65]))),
            ["Zip Gelu rule"] = (o, adds) =>
                o.Backend.Zip<GeluTanh.Rule>(o.In([5, 13], 3), o.In([5, 13]), To(adds, o.Result([5, 13]))),
            ["Affine"] = (o, adds) => o.Backend.Affine(o.In([33]), 1.7, -0.3, To(adds, o.Result([33]))),
            ["Sum rows"] = (o, adds) => o.Backend.Sum(o.In([5, 33]), To(adds, o.Result([5, 1]))),
            ["Sum columns to floats"] = (o, adds) => o.Backend.Sum(o.In([35, 6]), To(adds, o.FloatResult([6]))),
            ["Sum columns"] = (o, adds) => o.Backend.Sum(o.In([35, 6]), To(adds, o.Result([6]))),
            ["Softmax"] = (o, adds) => o.Backend.Softmax(o.In([4, 33], 3), To(adds, o.Result([4, 33]))),
            ["SoftmaxGradient"] = (o, adds) =>
                o.Backend.SoftmaxGradient(o.In([4, 9], 0.1), o.In([4, 9]), To(adds, o.Result([4, 9]))),
            ["LogSoftmax"] = (o, adds) => o.Backend.LogSoftmax(o.In([4, 33], 3), To(adds, o.Result([4, 33]))),
            ["LogSoftmaxGradient"] = (o, adds) =>
                o.Backend.LogSoftmaxGradient(o.In([4, 9]), o.In([4, 9]), To(adds, o.Result([4, 9]))),
            ["CrossEntropy"] = (o, adds) =>
                o.Backend.CrossEntropy(o.In([5, 17], 3), o.Integers([5], 17), new(), o.FloatResult([]), o.StatisticsResult([5])),
            ["CrossEntropyGradient"] = (o, adds) => o.Backend.CrossEntropyGradient(o.In([5, 17]), o.Integers([5], 17),
                o.Statistics([5]), o.Floats([]), new(LabelSmoothing: 0.1), To(adds, o.Result([5, 17]))),
            ["LayerNorm"] = (o, adds) => o.Backend.LayerNorm(o.In([4, 34], 3), o.Floats([34]), o.Floats([34]), 1e-5,
                To(adds, o.Result([4, 34])), o.StatisticsResult([4]), o.StatisticsResult([4])),
            ["LayerNorm of rounded gains"] = (o, adds) => o.Backend.LayerNorm(o.In([4, 34], 3), o.In([34]), default, 1e-5,
                To(adds, o.Result([4, 34])), o.StatisticsResult([4]), o.StatisticsResult([4])),
            ["LayerNormInputGradient"] = (o, adds) => o.Backend.LayerNormInputGradient(o.In([4, 34]), o.Floats([34]),
                o.Statistics([4]), o.Statistics([4]), o.In([4, 34]), To(adds, o.Result([4, 34]))),
            ["LayerNormWeightGradient"] = (o, adds) => o.Backend.LayerNormWeightGradient(o.In([35, 6]), o.Statistics([35]),
                o.Statistics([35]), o.In([35, 6]), To(adds, o.FloatResult([6])), To(adds, o.FloatResult([6]))),
            ["RmsNorm"] = (o, adds) => o.Backend.RmsNorm(
                o.In([4, 34], 3), o.Floats([34]), 1e-6, To(adds, o.Result([4, 34])), o.StatisticsResult([4])),
            ["RmsNormInputGradient"] = (o, adds) => o.Backend.RmsNormInputGradient(
                o.In([4, 34]), o.Floats([34]), o.Statistics([4]), o.In([4, 34]), To(adds, o.Result([4, 34]))),
            ["RmsNormWeightGradient"] = (o, adds) => o.Backend.RmsNormWeightGradient(
                o.In([35, 6]), o.Statistics([35]), o.In([35, 6]), To(adds, o.FloatResult([6]))),
            ["Attention"] = (o, adds) => o.Backend.Attention(o.In([2, 5, 4, 6]), o.In([2, 7, 2, 6]), o.In([2, 7, 2, 6]), new(),
                o.Result([2, 5, 4, 6]), o.StatisticsResult([2, 4, 5])),
            ["AttentionGradient"] = (o, adds) => AttentionGradient(o, adds),
            ["Rotary"] = (o, adds) => o.Backend.Rotary(o.In([2, 3, 2, 6]), new(Offset: 4), To(adds, o.Result([2, 3, 2, 6]))),
            ["Dropout"] = (o, adds) =>
                o.Backend.Dropout(o.In([67]), 0.3, RandomStream.Named("dropout", 1), To(adds, o.Result([67]))),
            ["Sgd"] = (o, adds) => o.Backend.Sgd(o.FloatResult([33]), o.In([33]), o.FloatResult([33]),
                new(0.1, 0.9, 0, false, 0.1, FirstStep: false, 1)),
            ["Adam"] = (o, adds) => o.Backend.Adam(o.FloatResult([33]), o.In([33]), o.FloatResult([33]), Squares(o),
                new(0.1, 0.9, 0.99, 1e-8, 0.1, true, 0.1, 0.01, 1)),
            ["Gemm"] = (o, adds) => o.Backend.Gemm(o.In([9, 17]), o.In([17, 6]), To(adds, o.Result([9, 6])), o.Floats([6])),
            ["Gemm transposed"] = (o, adds) =>
                o.Backend.Gemm(o.In([17, 9]).T, o.In([6, 17]).T, To(adds, o.Result([9, 6])), o.In([6])),
            ["Gemm to floats"] = (o, adds) => o.Backend.Gemm(o.In([2, 9, 17]), o.In([17, 6]), To(adds, o.FloatResult([2, 9, 6]))),
            ["Gemm of floats"] = (o, adds) => o.Backend.Gemm(o.Floats([9, 17]), o.In([17, 6]), To(adds, o.Result([9, 6]))),
            ["GemmSum to floats"] = (o, adds) =>
                o.Backend.GemmSum(Terms(o), To(adds, o.FloatResult([9, 6])), To(adds, o.FloatResult([9]))),
            ["GemmSum"] = (o, adds) => o.Backend.GemmSum(Terms(o), To(adds, o.Result([9, 6])), To(adds, o.Result([9]))),
        };

    /// <summary>Verbs that stand for several in a row, and verbs that return a number.</summary>
    private static Dictionary<string, Action<RoundedOperands, bool>> Together => new()
    {
        ["Gemm with a residual"] = (o, adds) =>
            o.Backend.Gemm(o.In([9, 17]), o.In([17, 6]), To(adds, o.Result([9, 6])), o.Floats([6]), o.In([9, 6])),
        ["GemmMap"] = (o, adds) => o.Backend.GemmMap<Relu.Function>(
            o.In([9, 17]), o.In([17, 6]), o.Floats([6]), o.Result([9, 6]), o.Result([9, 6])),
        ["GemmSum of nothing"] = (o, adds) =>
            o.Backend.GemmSum([], To(adds, o.Result([9, 6])), To(adds, o.FloatResult([9]))),
        ["IsFinite"] = (o, adds) => o.Keep(o.Backend.IsFinite(o.In([33])) ? 1 : 0),
        ["SquaredNorm"] = (o, adds) => o.Keep(o.Backend.SquaredNorm(o.In([6, 33]))),
        ["Sgd of rounded weights"] = (o, adds) => o.Backend.Sgd(o.Result([33]), o.In([33]), o.Result([33]),
            new(0.1, 0.9, 0, false, 0.1, FirstStep: false, 1)),
        ["Adam of rounded weights"] = (o, adds) => o.Backend.Adam(o.Result([33]), o.In([33]), o.Result([33]), Squares(o),
            new(0.1, 0.9, 0.99, 1e-8, 0.1, true, 0.1, 0.01, 1)),
    };

    /// <summary>Every row: a verb, and what is special about the call.</summary>
    public static IReadOnlyDictionary<string, Action<RoundedOperands, bool>> All { get; } =
        new SortedDictionary<string, Action<RoundedOperands, bool>>(
            Exact.Concat(Others).Concat(Together).ToDictionary(), StringComparer.Ordinal);

    private static Destination To(bool adds, in View y) => adds ? AddTo(y) : Into(y);

    private static GemmTerm[] Terms(RoundedOperands o) =>
        [.. Enumerable.Range(0, 3).Select(_ => new GemmTerm(o.In([17, 9]).T, o.In([17, 6])))];

    /// <summary>Second moments, which are not negative.</summary>
    private static View Squares(RoundedOperands o) => o.Positive([33]);

    private static void AttentionGradient(RoundedOperands o, bool adds)
    {
        View q = o.In([2, 5, 4, 6]), k = o.In([2, 7, 2, 6]), v = o.In([2, 7, 2, 6]);
        View y = o.In([2, 5, 4, 6], 0.5), lse = o.Statistics([2, 4, 5]), dy = o.In([2, 5, 4, 6]);
        o.Backend.AttentionGradient(q, k, v, y, lse, dy, new(), To(adds, o.Result([2, 5, 4, 6])),
            To(adds, o.Result([2, 7, 2, 6])), To(adds, o.Result([2, 7, 2, 6])));
    }
}
