using System.Numerics;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Host;

/// <summary>Every verb of a backend, on operands of one size; results can be read back.</summary>
internal sealed class HostVerbs : IDisposable
{
    private static readonly CrossEntropyOptions Smoothed = new(LabelSmoothing: 0.1);
    private static readonly AttentionOptions Causal = new();
    private static readonly RotaryOptions Turn = new();
    private static readonly AdamStep AdamW = new(1e-2, 0.9, 0.99, 1e-6, 0.1, true, 0.19, 0.0199, 0.5);
    private static readonly SgdStep Nesterov = new(1e-2, 0.9, 0.1, true, 0.1, false, 0.5);

    private static readonly Dictionary<string, Action<HostVerbs>> Verbs = new()
    {
        ["Gemm"] = v => v._b.Gemm(v._x, v._w.T, Into(v._product), v._productBias),
        ["Gemm added"] = v => v._b.Gemm(v._y.T, v._x, AddTo(v._square)),
        ["Gemm with residual"] = v => v._b.Gemm(v._x, v._square, Into(v._z), v._row, v._y),
        ["GemmMap"] = v => v._b.GemmMap<GeluTanh.Function>(v._x, v._square, v._row, v._z, v._y),
        ["GemmSum with row sums"] = v => v._b.GemmSum([new(v._y.T, v._x), new(v._z.T, v._x)], AddTo(v._square), Into(v._row)),
        ["GemmSum"] = v => v._b.GemmSum(v.Terms, Into(v._square)),
        ["Attention"] = v => v._b.Attention(v.Heads(v._x), v.Heads(v._y), v.Heads(v._z), Causal, v.Heads(v._positive), v._lse),
        ["AttentionGradient"] = v =>
        {
            v._b.Attention(v.Heads(v._x), v.Heads(v._y), v.Heads(v._z), Causal, v.Heads(v._positive), v._lse);
            v._b.AttentionGradient(v.Heads(v._x), v.Heads(v._y), v.Heads(v._z), v.Heads(v._positive), v._lse,
                v.Heads(v._other), Causal, AddTo(v.Heads(v._y2)), AddTo(v.Heads(v._z2)), AddTo(v.Heads(v._x2)));
        },
        ["Map"] = v => v._b.Map<GeluTanh.Function>(v._x, Into(v._y)),
        ["Map in place"] = v => v._b.Map<Gelu.Function>(v._y, Into(v._y)),
        ["Zip"] = v => v._b.Zip<GeluTanh.Rule>(v._x, v._y, AddTo(v._y)),
        ["Zip rows"] = v => v._b.Zip<Multiply.Function>(v._x, v._row, Into(v._y)),
        ["Zip columns"] = v => v._b.Zip<Subtract.Function>(v._mean.Reshape([v._rows, 1]), v._x, AddTo(v._y)),
        ["Zip scalar"] = v => v._b.Zip<Divide.Function>(v._x, v._one, Into(v._y)),
        ["Affine"] = v => v._b.Affine(v._x, 1.5, -0.25, AddTo(v._y)),
        ["Copy"] = v => v._b.Copy(v._x, AddTo(v._y)),
        ["Copy rows"] = v => v._b.Copy(v._x.Slice(1, 1, v._columns - 1), Into(v._y.Slice(1, 0, v._columns - 1))),
        ["Copy transposed"] = v => v._b.Copy(v._x.T, Into(v._y.Reshape([v._columns, v._rows]))),
        ["Copy heads"] = v => v._b.Copy(
            v._x.Reshape([v._rows, 2, v._columns / 2]).Swap(0, 1), AddTo(v._y.Reshape([2, v._rows, v._columns / 2]))),
        ["Copy repeated"] = v => v._b.Copy(v._mean.Reshape([v._rows, 1]).BroadcastTo([v._rows, v._columns]), Into(v._y)),
        ["Cast to another float"] = v => v._b.Cast(v._x, AddTo(v._cast)),
        ["Cast to integers and back"] = v =>
        {
            v._b.Cast(v._x, Into(v._integers));
            v._b.Cast(v._integers, Into(v._y));
        },
        ["Cast to a mask and back"] = v =>
        {
            v._b.Cast(v._mask, Into(v._y));
            v._b.Cast(v._y, Into(v._mask2));
            v._b.Cast(v._mask2, AddTo(v._z));
        },
        ["Cast transposed"] = v => v._b.Cast(v._x.T, Into(v._cast.Reshape([v._columns, v._rows]))),
        ["Where"] = v => v._b.Where(v._mask, v._x, v._z, Into(v._y)),
        ["Where added"] = v => v._b.Where(v._mask, default, v._z, AddTo(v._y)),
        ["Where broadcast"] = v => v._b.Where(v._mask.Slice(0, 0, 1), v._one, v._mean.Reshape([v._rows, 1]), Into(v._y)),
        ["Where by rows"] = v => v._b.Where(v._mask.Slice(1, 0, 1), v._x, v._row, AddTo(v._y)),
        ["Where strided"] = v => v._b.Where(v._mask, v._x.Reshape([v._columns, v._rows]).T, v._z, Into(v._y)),
        ["Max rows"] = v => v._b.Max(v._x, 1, v._mean.Reshape([v._rows, 1]), v._positions.Reshape([v._rows, 1])),
        ["Max columns"] = v => v._b.Max(v._x, 0, v._row, v._columnPositions),
        ["Max in the middle"] = v => v._b.Max(v._x.Reshape([v._rows, 2, v._columns / 2]), 1,
            v._half.Reshape([v._rows, 1, v._columns / 2]), v._halfPositions),
        ["MaxGradient rows"] = v => v._b.MaxGradient(v._mean.Reshape([v._rows, 1]), v._targets, 1, AddTo(v._y)),
        ["MaxGradient columns"] = v => v._b.MaxGradient(v._row, v._columnTargets, 0, Into(v._y)),
        ["Fill"] = v => v._b.Fill(v._y, 0.5),
        ["Sum rows"] = v => v._b.Sum(v._x, Into(v._mean.Reshape([v._rows, 1]))),
        ["Sum columns"] = v => v._b.Sum(v._x, AddTo(v._row)),
        ["Sum all"] = v => v._b.Sum(v._x, AddTo(v._one)),
        ["Sum in the middle"] = v => v._b.Sum(
            v._x.Reshape([v._rows, 2, v._columns / 2]), AddTo(v._half.Reshape([v._rows, 1, v._columns / 2]))),
        ["Sum around"] = v => v._b.Sum(v._x.Reshape([v._rows, 2, v._columns / 2]), Into(v._two.Reshape([2, 1]))),
        ["Sum of a transposed"] = v => v._b.Sum(v._x.T, Into(v._mean)),
        ["SquaredNorm"] = v => v._number = v._b.SquaredNorm(v._x),
        ["IsFinite"] = v => v._number = v._b.IsFinite(v._x) ? 1 : 0,
        ["LayerNorm"] = v => v._b.LayerNorm(v._x, v._row, v._row2, 1e-5, Into(v._y), v._center, v._factor),
        ["LayerNormInputGradient"] = v => v._b.LayerNormInputGradient(v._x, v._row, v._center, v._factor, v._y, AddTo(v._y)),
        ["LayerNormWeightGradient"] = v => v._b.LayerNormWeightGradient(
            v._x, v._center, v._factor, v._y, AddTo(v._row), Into(v._row2)),
        ["RmsNorm"] = v => v._b.RmsNorm(v._x, v._row, 1e-5, AddTo(v._y), v._factor),
        ["RmsNormInputGradient"] = v => v._b.RmsNormInputGradient(v._x, v._row, v._factor, v._y, Into(v._y)),
        ["RmsNormWeightGradient"] = v => v._b.RmsNormWeightGradient(v._x, v._factor, v._y, AddTo(v._row)),
        ["Softmax"] = v => v._b.Softmax(v._x, Into(v._y)),
        ["Softmax added"] = v => v._b.Softmax(v._x, AddTo(v._y)),
        ["SoftmaxGradient"] = v => v._b.SoftmaxGradient(v._x, v._y, Into(v._y)),
        ["LogSoftmax"] = v => v._b.LogSoftmax(v._x, AddTo(v._y)),
        ["LogSoftmaxGradient"] = v => v._b.LogSoftmaxGradient(v._x, v._y, AddTo(v._y)),
        ["CrossEntropy"] = v => v._b.CrossEntropy(v._x, v._targets, Smoothed, v._one.Reshape(Shape.Scalar), v._center),
        ["CrossEntropyGradient"] = v => v._b.CrossEntropyGradient(v._x, v._targets, v._center, v._one, Smoothed, AddTo(v._y)),
        ["Gather"] = v => v._b.Gather(v._w, v._ids, Into(v._y)),
        ["ScatterAdd"] = v => v._b.ScatterAdd(v._y, v._ids, AddTo(v._w)),
        ["Rotary"] = v => v._b.Rotary(
            v._x.Reshape([1, v._rows, 1, v._columns]), Turn, Into(v._y.Reshape([1, v._rows, 1, v._columns]))),
        ["Dropout"] = v => v._b.Dropout(v._x, 0.3, new RandomStream(1, 2), AddTo(v._y)),
        ["Sgd"] = v => v._b.Sgd(v._x, v._y, v._z, Nesterov),
        ["Adam"] = v => v._b.Adam(v._x, v._y, v._z, v._positive, AdamW),
    };

    private static readonly Dictionary<(ulong Draw, int Count), double[]> Drawn = [];
    private static readonly Dictionary<(ulong Draw, int Count), int[]> DrawnIntegers = [];

    private readonly IBackend _b;
    private readonly DType _dtype;
    private readonly int _rows, _columns;
    private readonly List<Tensor> _all = [];
    private readonly View _x, _y, _z, _positive, _w, _product, _productBias, _square, _row, _row2, _mean,
        _center, _factor, _one, _ids, _targets;
    private readonly View _lse, _other, _x2, _y2, _z2, _half, _two, _cast, _integers, _mask, _mask2, _positions, _columnPositions,
        _halfPositions, _columnTargets;
    private GemmTerm[]? _terms;
    private double _number;
    private ulong _draws;

    public HostVerbs(IBackend backend, DType dtype, int rows, int columns)
    {
        (_b, _dtype, _rows, _columns) = (backend, dtype, rows, columns);
        (_x, _y, _z, _positive) = (New([rows, columns]), New([rows, columns]), New([rows, columns]),
            New([rows, columns], positive: true));
        (_w, _product, _productBias, _square) = (New([19, columns]), New([rows, 19]), New([19]), New([columns, columns]));
        (_row, _row2, _one) = (New([columns]), New([columns]), New([1]));
        (_mean, _center, _factor) = (New([rows]), New([rows], DTypes.Statistics), New([rows], DTypes.Statistics, positive: true));
        (_ids, _targets) = (Integers(rows, 19), Integers(rows, columns));
        (_lse, _other) = (New([1, 1, rows], DTypes.Statistics), New([rows, columns]));
        (_half, _two) = (New([rows, columns / 2]), New([2]));
        (_x2, _y2, _z2) = (New([rows, columns]), New([rows, columns]), New([rows, columns]));
        _cast = New([rows, columns], dtype == DType.Float32 ? DType.Float64 : DType.Float32);
        (_integers, _columnTargets) = (Integers(rows * columns, 9).Reshape([rows, columns]), Integers(columns, rows));
        (_mask, _mask2) = (Mask([rows, columns]), Mask([rows, columns]));
        (_positions, _columnPositions, _halfPositions) = (Integers(rows, 5), Integers(columns, 5),
            Integers(rows * columns / 2, 5));
    }

    public static IEnumerable<string> Names => Verbs.Keys;

    /// <summary>Awkward ones that run inline, and ones large enough to be shared; columns are even for the rotation.</summary>
    public static (int Rows, int Columns)[] Sizes => [(1, 2), (3, 34), (65, 48), (301, 130), (40, 514)];

    public void Run(string verb) => Verbs[verb](this);

    public double[] Results()
    {
        double[] results = new double[_all.Sum(t => t.Shape.ElementCount) + 1];
        int next = 0;
        foreach (Tensor tensor in _all)
        {
            Read(tensor, results.AsSpan(next, tensor.Shape.ElementCount));
            next += tensor.Shape.ElementCount;
        }
        results[next] = _number;
        return results;
    }

    public double[] ManyTermsTogether(int count)
    {
        GemmTerm[] terms = [.. Enumerable.Range(0, count).Select(
            i => i % 2 == 0 ? new GemmTerm(_x.T, _y) : new GemmTerm(_z.T, _x))];
        _b.GemmSum(terms, Into(_square));
        return Read(_all[7]);
    }

    public double[] ManyTermsApart(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Destination c = i == 0 ? Into(_square) : AddTo(_square);
            if (i % 2 == 0)
                _b.Gemm(_x.T, _y, c);
            else
                _b.Gemm(_z.T, _x, c);
        }

        return Read(_all[7]);
    }

    /// <summary>[2,3,4,6]·[2,3,6,4] with the factors' outer axes in order, exchanged, lacking and of length one.</summary>
    public IEnumerable<double[]> OuterProducts()
    {
        View a = _x.Slice(0, 0, 6).Reshape([2, 3, 4, 6]), b = _y.Slice(0, 0, 6).Reshape([2, 3, 6, 4]);
        View swappedA = _x.Slice(0, 6, 6).Reshape([2, 4, 3, 6]).Swap(1, 2),
            swappedB = _y.Slice(0, 6, 6).Reshape([3, 2, 6, 4]).Swap(0, 1);
        View plain = _z.Slice(0, 0, 1).Reshape([6, 4]), one = _z.Slice(0, 1, 3).Reshape([3, 1, 6, 4]).Slice(0, 1, 1);
        View inner = _x.Slice(0, 12, 6).Reshape([2, 4, 6, 3]).Swap(1, 3).Swap(2, 3);
        foreach ((View left, View right) in new[]
        {
            (a, b), (a, swappedB), (swappedA, b), (swappedA, swappedB), (a, plain), (swappedA, plain), (a, one),
            (inner, b), (inner, plain),
        })
        {
            View c = _square.Slice(0, 0, 4).Reshape([2, 3, 4, 4]);
            _b.Gemm(left, right, AddTo(c));
            yield return Read(_all[7]);
        }
    }

    private ReadOnlySpan<GemmTerm> Terms => _terms ??= [new(_x.T, _y), new(_z.T, _x), new(_y.T, _y)];

    private View Heads(in View x) => x.Reshape([1, _rows, 1, _columns]);

    public void Dispose()
    {
        _all.ForEach(t => t.Dispose());
        _b.Dispose();
    }

    private View New(in Shape shape, bool positive = false) => New(shape, _dtype, positive);

    private View New(in Shape shape, DType dtype, bool positive = false)
    {
        Tensor tensor = new(_b, shape, dtype);
        double[] values = Normal(_draws++, shape.ElementCount, positive);
        if (dtype == DType.Float32)
            tensor.CopyFrom<float>(Array.ConvertAll(values, v => (float)v));
        else
            tensor.CopyFrom<double>(values);
        _all.Add(tensor);
        return tensor.View;
    }

    /// <summary>The numbers of one operand, made once: every backend gets the same.</summary>
    private static double[] Normal(ulong draw, int count, bool positive)
    {
        lock (Drawn)
        {
            if (Drawn.TryGetValue((draw, count), out double[]? values)) return values;
            values = new double[count];
            new RandomStream(5, draw).FillNormal(values);
            if (positive) values = Array.ConvertAll(values, v => Math.Abs(v) + 0.5);
            return Drawn[(draw, count)] = values;
        }
    }

    private static int[] Below(ulong draw, int count, int bound)
    {
        lock (DrawnIntegers)
        {
            if (DrawnIntegers.TryGetValue((draw, count), out int[]? values)) return values;
            RandomStream random = new(6, draw);
            return DrawnIntegers[(draw, count)] = [.. Enumerable.Range(0, count).Select(i => (int)random.Below(i, bound))];
        }
    }

    private View Integers(int count, int bound)
    {
        Tensor tensor = new(_b, [count], DType.Int32);
        tensor.CopyFrom<int>(Below(_draws++, count, bound));
        _all.Add(tensor);
        return tensor.View;
    }

    private View Mask(in Shape shape)
    {
        Tensor tensor = new(_b, shape, DType.Bool);
        tensor.CopyFrom<byte>(Array.ConvertAll(Below(_draws++, shape.ElementCount, bound: 2), i => (byte)i));
        _all.Add(tensor);
        return tensor.View;
    }

    private static double[] Read(Tensor tensor)
    {
        double[] values = new double[tensor.Shape.ElementCount];
        Read(tensor, values);
        return values;
    }

    private static void Read(Tensor tensor, Span<double> values)
    {
        if (tensor.DType == DType.Float32) Widen(tensor.ToArray<float>(), values);
        else if (tensor.DType == DType.Float64) tensor.ToArray<double>().CopyTo(values);
        else if (tensor.DType == DType.Int32) Widen(tensor.ToArray<int>(), values);
        else Widen(tensor.ToArray<byte>(), values);
    }

    private static void Widen<T>(T[] from, Span<double> to) where T : INumber<T>
    {
        for (int i = 0; i < from.Length; i++) to[i] = double.CreateTruncating(from[i]);
    }
}
