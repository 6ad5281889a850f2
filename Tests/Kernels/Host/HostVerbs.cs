using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Host;

/// <summary>Every verb that the host backend has its own code for, on operands of one size; results can be read back.</summary>
internal sealed class HostVerbs : IDisposable
{
    private static readonly CrossEntropyOptions Smoothed = new(LabelSmoothing: 0.1);
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
        ["Map"] = v => v._b.Map<GeluTanh.Function>(v._x, Into(v._y)),
        ["Map in place"] = v => v._b.Map<Gelu.Function>(v._y, Into(v._y)),
        ["Zip"] = v => v._b.Zip<GeluTanh.Rule>(v._x, v._y, AddTo(v._y)),
        ["Zip rows"] = v => v._b.Zip<Multiply.Function>(v._x, v._row, Into(v._y)),
        ["Zip columns"] = v => v._b.Zip<Subtract.Function>(v._mean.Reshape([v._rows, 1]), v._x, AddTo(v._y)),
        ["Zip scalar"] = v => v._b.Zip<Divide.Function>(v._x, v._one, Into(v._y)),
        ["Affine"] = v => v._b.Affine(v._x, 1.5, -0.25, AddTo(v._y)),
        ["Copy"] = v => v._b.Copy(v._x, AddTo(v._y)),
        ["Copy rows"] = v => v._b.Copy(v._x.Slice(1, 1, v._columns - 1), Into(v._y.Slice(1, 0, v._columns - 1))),
        ["Fill"] = v => v._b.Fill(v._y, 0.5),
        ["Sum rows"] = v => v._b.Sum(v._x, Into(v._mean.Reshape([v._rows, 1]))),
        ["Sum columns"] = v => v._b.Sum(v._x, AddTo(v._row)),
        ["Sum all"] = v => v._b.Sum(v._x, AddTo(v._one)),
        ["SquaredNorm"] = v => v._number = v._b.SquaredNorm(v._x),
        ["IsFinite"] = v => v._number = v._b.IsFinite(v._x) ? 1 : 0,
        ["LayerNorm"] = v => v._b.LayerNorm(v._x, v._row, v._row2, 1e-5, Into(v._y), v._mean, v._factor),
        ["LayerNormInputGradient"] = v => v._b.LayerNormInputGradient(v._x, v._row, v._mean, v._factor, v._y, AddTo(v._y)),
        ["LayerNormWeightGradient"] = v => v._b.LayerNormWeightGradient(
            v._x, v._mean, v._factor, v._y, AddTo(v._row), Into(v._row2)),
        ["RmsNorm"] = v => v._b.RmsNorm(v._x, v._row, 1e-5, AddTo(v._y), v._factor),
        ["RmsNormInputGradient"] = v => v._b.RmsNormInputGradient(v._x, v._row, v._factor, v._y, Into(v._y)),
        ["RmsNormWeightGradient"] = v => v._b.RmsNormWeightGradient(v._x, v._factor, v._y, AddTo(v._row)),
        ["Softmax"] = v => v._b.Softmax(v._x, Into(v._y)),
        ["Softmax added"] = v => v._b.Softmax(v._x, AddTo(v._y)),
        ["SoftmaxGradient"] = v => v._b.SoftmaxGradient(v._x, v._y, Into(v._y)),
        ["LogSoftmax"] = v => v._b.LogSoftmax(v._x, AddTo(v._y)),
        ["LogSoftmaxGradient"] = v => v._b.LogSoftmaxGradient(v._x, v._y, AddTo(v._y)),
        ["CrossEntropy"] = v => v._b.CrossEntropy(v._x, v._targets, Smoothed, v._one.Reshape(Shape.Scalar), v._mean),
        ["CrossEntropyGradient"] = v => v._b.CrossEntropyGradient(v._x, v._targets, v._mean, v._one, Smoothed, AddTo(v._y)),
        ["Gather"] = v => v._b.Gather(v._w, v._ids, Into(v._y)),
        ["ScatterAdd"] = v => v._b.ScatterAdd(v._y, v._ids, AddTo(v._w)),
        ["Rotary"] = v => v._b.Rotary(
            v._x.Reshape([1, v._rows, 1, v._columns]), Turn, Into(v._y.Reshape([1, v._rows, 1, v._columns]))),
        ["Dropout"] = v => v._b.Dropout(v._x, 0.3, new RandomStream(1, 2), AddTo(v._y)),
        ["Sgd"] = v => v._b.Sgd(v._x, v._y, v._z, Nesterov),
        ["Adam"] = v => v._b.Adam(v._x, v._y, v._z, v._positive, AdamW),
    };

    private readonly IBackend _b;
    private readonly DType _dtype;
    private readonly int _rows, _columns;
    private readonly List<Tensor> _all = [];
    private readonly View _x, _y, _z, _positive, _w, _product, _productBias, _square, _row, _row2, _mean,
        _factor, _one, _ids, _targets;
    private double _number;
    private ulong _draws;

    public HostVerbs(IBackend backend, DType dtype, int rows, int columns)
    {
        (_b, _dtype, _rows, _columns) = (backend, dtype, rows, columns);
        (_x, _y, _z, _positive) = (New([rows, columns]), New([rows, columns]), New([rows, columns]),
            New([rows, columns], positive: true));
        (_w, _product, _productBias, _square) = (New([19, columns]), New([rows, 19]), New([19]), New([columns, columns]));
        (_row, _row2, _one) = (New([columns]), New([columns]), New([1]));
        (_mean, _factor) = (New([rows]), New([rows], positive: true));
        (_ids, _targets) = (Integers(rows, 19), Integers(rows, columns));
    }

    public static IEnumerable<string> Names => Verbs.Keys;

    /// <summary>Awkward ones that run inline, and ones large enough to be shared; columns are even for the rotation.</summary>
    public static (int Rows, int Columns)[] Sizes => [(1, 2), (3, 34), (65, 48), (301, 130), (40, 514)];

    public void Run(string verb) => Verbs[verb](this);

    public double[] Results() =>
        [.. _all.Where(t => t.DType.IsFloating()).SelectMany(Read), _number];

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

    public void Dispose()
    {
        _all.ForEach(t => t.Dispose());
        _b.Dispose();
    }

    private View New(in Shape shape, bool positive = false)
    {
        Tensor tensor = new(_b, shape, _dtype);
        double[] values = new double[shape.ElementCount];
        new RandomStream(5, _draws++).FillNormal(values);
        if (positive)
            values = [.. values.Select(v => Math.Abs(v) + 0.5)];
        if (_dtype == DType.Float32)
            tensor.CopyFrom<float>([.. values.Select(v => (float)v)]);
        else
            tensor.CopyFrom<double>(values);
        _all.Add(tensor);
        return tensor.View;
    }

    private View Integers(int count, int bound)
    {
        Tensor tensor = new(_b, [count], DType.Int32);
        RandomStream random = new(6, _draws++);
        tensor.CopyFrom<int>([.. Enumerable.Range(0, count).Select(i => (int)random.Below(i, bound))]);
        _all.Add(tensor);
        return tensor.View;
    }

    private static double[] Read(Tensor tensor) =>
        tensor.DType == DType.Float32 ? [.. tensor.ToArray<float>().Select(v => (double)v)] : tensor.ToArray<double>();
}
