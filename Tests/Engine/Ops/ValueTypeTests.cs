extern alias simt;

using System.Reflection;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Engine.Ops;

/// <summary>The table of what values can do and element types: everything runs forward and backward in each floating type, from
/// data and from weights that are cast.</summary>
public sealed class ValueTypeTests
{
    private static readonly DType[] Floating = [DType.Float32, DType.Float64, DType.BFloat16];

    private static readonly SortedDictionary<string, Func<Value, Value, Value>> Table = new(StringComparer.Ordinal)
    {
        ["Attention"] = (x, z) => Heads(x).Attention(Heads(z), Heads(x * z)),
        ["ArgMax"] = (x, _) => x.ArgMax().Cast(x.DType) + x.Max(),
        ["Cast"] = (x, _) => x.Cast(DType.Float64).Cast(DType.BFloat16).Cast(DType.Float32),
        ["Concat"] = (x, z) => Value.Concat(0, x, z),
        ["CrossEntropy"] = (x, _) => x.CrossEntropy(x.Graph.Constant<int>([1, 3], [2]), new(LabelSmoothing: 0.1)),
        ["Detach"] = (x, z) => x.Detach() * z + x,
        ["Dropout"] = (x, _) => x.Dropout(0.5, 1),
        ["Embedding"] = (x, _) => x.Embedding(x.Graph.Constant<int>([1, 0, 1], [3])),
        ["Exp"] = (x, _) => x.Exp(),
        ["Gelu"] = (x, _) => x.Gelu() + x.Gelu(tanh: true),
        ["LayerNorm"] = (x, z) => x.LayerNorm() + x.LayerNorm(Row(z), Row(x)),
        ["Linear"] = (x, z) => x.Linear(z, z.Slice(1, 0, 1).Reshape(2)),
        ["Log"] = (x, _) => x.Log(),
        ["LogSoftmax"] = (x, _) => x.LogSoftmax() + x.LogSoftmax(0),
        ["MaskedFill"] = (x, _) => x.MaskedFill(Mask(x), -3),
        ["MatMul"] = (x, z) => x.MatMul(z, transposeB: true),
        ["Max"] = (x, _) => x.Max(),
        ["Mean"] = (x, _) => x.Mean([0]),
        ["Relu"] = (x, _) => x.Relu(),
        ["Reshape"] = (x, _) => x.Reshape(8),
        ["RmsNorm"] = (x, z) => x.RmsNorm() + x.RmsNorm(Row(z)),
        ["Rotary"] = (x, _) => Heads(x).Rotary(),
        ["Scale"] = (x, _) => x.Scale(0.3),
        ["Sigmoid"] = (x, _) => x.Sigmoid(),
        ["Silu"] = (x, _) => x.Silu(),
        ["Slice"] = (x, _) => x.Slice(1, 1, 2),
        ["Softmax"] = (x, _) => x.Softmax() * x.Softmax(0),
        ["Split"] = (x, _) => x.Split(1, 1, 3)[1],
        ["Sum"] = (x, _) => x.Sum([1]),
        ["Tanh"] = (x, _) => x.Tanh(),
        ["Transpose"] = (x, _) => x.Transpose(),
        ["Where"] = (x, z) => Value.Where(Mask(x), x, z),
        ["op_Addition"] = (x, z) => (x + z) + 0.5,
        ["op_Division"] = (x, z) => (x / z) / 3,
        ["op_Multiply"] = (x, z) => x * z * 0.7 + 2 * x,
        ["op_Subtraction"] = (x, z) => (x - z) - 0.5,
        ["op_UnaryNegation"] = (x, _) => -x,
    };

    private static IEnumerable<string> Rows => Table.Keys;

    private static IEnumerable<object[]> Pairs =>
        Floating.SelectMany(_ => Floating, (from, to) => new object[] { from, to });

    [Test]
    public void Everything_that_a_value_can_do_has_a_row()
    {
        IEnumerable<string> names = typeof(Value).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
            .Where(m => m.ReturnType == typeof(Value) || m.ReturnType == typeof(Value[])).Select(m => m.Name);
        Assert.That(names.Distinct(), Is.SubsetOf(Table.Keys));
    }

    /// <remarks>In the result and in the gradients, BFloat16 is off by a few roundings of what the row computes with.</remarks>
    [Test]
    public void Every_floating_type_gives_what_doubles_give_forward_and_backward(
        [ValueSource(nameof(Rows))] string row, [ValueSource(nameof(Floating))] DType dtype, [Values] bool ofWeights)
    {
        double[][] expected = Run(row, DType.Float64, ofWeights), found = Run(row, dtype, ofWeights);
        double unit = dtype == DType.BFloat16 ? 16 * BFloat16.UnitRoundoff : 1e-5;
        for (int i = 0; i < expected.Length; i++)
            Assert.That(found[i], Is.EqualTo(expected[i]).Within(unit * (0.1 + expected[i].Max(Math.Abs))), $"{i}");
    }

    [Test]
    public void A_cast_of_a_parameter_hands_its_gradient_back_in_the_parameters_type(
        [Values(DType.Float32, DType.Float64)] DType master, [ValueSource(nameof(Floating))] DType dtype)
    {
        foreach (IBackend backend in Backends())
        {
            using IBackend own = backend;
            using Parameter w = Of(backend, master, [1, 2, 3, 4, 5, 6, 7, 8]);
            using Graph graph = new(backend);
            Value x = graph.Input<float>([1, 2, 3, 4], [1, 4], differentiable: true);
            graph.Backward(x.Cast(dtype).Linear(graph.Parameter(w).Cast(dtype)).Sum());
            Assert.That(w.Gradient.DType, Is.EqualTo(master), backend.Name);
            Assert.That(Doubles(backend, w.Gradient.View), Is.EqualTo(new double[] { 1, 2, 3, 4, 1, 2, 3, 4 }), backend.Name);
            Assert.That(Doubles(backend, x.Gradient), Is.EqualTo(new double[] { 6, 8, 10, 12 }), backend.Name);
        }
    }

    [Test]
    public void A_cast_of_data_hands_its_gradient_back_in_the_datas_type([ValueSource(nameof(Pairs))] object[] pair)
    {
        (DType from, DType to) = ((DType)pair[0], (DType)pair[1]);
        foreach (IBackend backend in Backends())
        {
            using IBackend own = backend;
            using Graph graph = new(backend);
            Value x = Data(graph, from, [1, 2, 3, 4]);
            graph.Backward((x.Cast(to) * 3).Sum());
            Assert.That(x.Gradient.DType, Is.EqualTo(from), backend.Name);
            Assert.That(Doubles(backend, x.Gradient), Is.All.EqualTo(3), backend.Name);
        }
    }

    private static double[][] Run(string row, DType dtype, bool ofWeights)
    {
        using AutogradCore.Kernels.HostBackend backend = new(1);
        double[] xs = [0.5, 1.25, -0.75, 2, 1, -1.5, 0.25, 1.75], zs = [1.5, 0.5, 2, -1, 0.75, 1, -2, 1.25];
        if (row == "Log") xs = [.. xs.Select(Math.Abs)];
        using Parameter p = Of(backend, DType.Float64, xs), q = Of(backend, DType.Float64, zs);
        using Graph graph = new(backend);
        Value x = ofWeights ? graph.Parameter(p) : Data(graph, DType.Float64, xs);
        Value z = ofWeights ? graph.Parameter(q) : Data(graph, DType.Float64, zs);
        Value y = Table[row](x.Cast(dtype), z.Cast(dtype));
        double[] result = Doubles(backend, graph.Materialize(y));
        graph.Backward(y.Cast(DType.Float64).Sum());
        return [result, Doubles(backend, ofWeights ? p.Gradient.View : x.Gradient)];
    }

    private static IEnumerable<IBackend> Backends() =>
    [
        new ReferenceBackend(), new AutogradCore.Kernels.HostBackend(1),
        new SimtBackend(),
    ];

    private static Value Heads(Value x) => x.Reshape(1, 2, 1, 4);

    private static Value Row(Value x) => x.Slice(0, 0, 1).Reshape(4);

    private static Value Mask(Value x) => x.Graph.Constant<byte>([1, 0, 0, 1, 1, 1, 0, 0], [2, 4]);

    private static Parameter Of(IBackend backend, DType dtype, double[] values) => dtype == DType.Float64
        ? Parameter.From<double>(backend, values, [2, 4])
        : Parameter.From<float>(backend, [.. values.Select(v => (float)v)], [2, 4]);

    private static Value Data(Graph graph, DType dtype, double[] values)
    {
        Shape shape = values.Length == 8 ? [2, 4] : [values.Length];
        return dtype switch
        {
            DType.Float64 => graph.Input<double>(values, shape, differentiable: true),
            DType.BFloat16 => graph.Input<BFloat16>([.. values.Select(v => (BFloat16)(float)v)], shape, differentiable: true),
            _ => graph.Input<float>([.. values.Select(v => (float)v)], shape, differentiable: true),
        };
    }

    private static double[] Doubles(IBackend backend, View view)
    {
        using Tensor wide = new(backend, view.Shape, DType.Float64);
        backend.Cast(view, Destination.Into(wide.View));
        return wide.ToArray<double>();
    }
}
