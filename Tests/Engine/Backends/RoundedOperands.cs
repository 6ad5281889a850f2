namespace AutogradCore.Tests.Backends;

/// <summary>The operands of one verb call in one element type, with seeded values that BFloat16 has. Asked for in the same order,
/// all types give the same numbers.</summary>
internal sealed class RoundedOperands(IBackend backend, DType dtype) : IDisposable
{
    private readonly List<Tensor> _tensors = [];
    private readonly List<View> _results = [];
    private readonly List<double> _numbers = [];
    private ulong _draws;

    public IBackend Backend => backend;

    /// <summary>An operand of the type.</summary>
    public View In(in Shape shape, double scale = 1) => Place(shape, Draw(shape, scale), dtype);

    /// <summary>An operand of the type in which the type is summed.</summary>
    public View Floats(in Shape shape, double scale = 1) => Place(shape, Draw(shape, scale), dtype.Sums());

    /// <summary>As <see cref="Floats"/>, but positive, such as second moments.</summary>
    public View Positive(in Shape shape) => Place(shape, Magnitudes(shape), dtype.Sums());

    /// <summary>What rows were measured by, positive.</summary>
    public View Statistics(in Shape shape) => Place(shape, Magnitudes(shape), DTypes.Statistics);

    public View Integers(in Shape shape, int bound)
    {
        RandomStream random = RandomStream.Named("integers", 1, _draws++);
        int[] values = [.. Enumerable.Range(0, shape.ElementCount).Select(i => (int)random.Below(i, bound))];
        return Own(Tensor.From<int>(backend, values, shape));
    }

    public View Mask(in Shape shape)
    {
        RandomStream random = RandomStream.Named("mask", 1, _draws++);
        byte[] values = [.. Enumerable.Range(0, shape.ElementCount).Select(i => (byte)random.Below(i, 2))];
        return Own(Tensor.From<byte>(backend, values, shape));
    }

    /// <summary>A result of the operands' type; what it holds before are numbers, too.</summary>
    public View Result(in Shape shape) => Watch(In(shape));

    /// <summary>A result of the type in which the type is summed.</summary>
    public View FloatResult(in Shape shape) => Watch(Floats(shape));

    /// <summary>What rows are measured by.</summary>
    public View StatisticsResult(in Shape shape) => Watch(Statistics(shape));

    public View IntegerResult(in Shape shape) => Watch(Integers(shape, 1));

    /// <summary>All results, in the order in which they were asked for.</summary>
    public IEnumerable<(DType DType, double[] Values)> Results() =>
        [.. _results.Select(view => (view.DType, Read(view))), .. _numbers.Select(x => (DType.Float64, new[] { x }))];

    /// <summary>A result that a verb returns.</summary>
    public void Keep(double number) => _numbers.Add(number);

    public void Dispose()
    {
        foreach (Tensor tensor in _tensors) tensor.Dispose();
        backend.Dispose();
    }

    private View Watch(View view)
    {
        _results.Add(view);
        return view;
    }

    private float[] Draw(in Shape shape, double scale)
    {
        float[] values = new float[shape.ElementCount];
        RandomStream random = RandomStream.Named("values", 1, _draws++);
        for (int i = 0; i < values.Length; i++) values[i] = (float)(BFloat16)(float)(scale * random.Normal(i));
        return values;
    }

    private float[] Magnitudes(in Shape shape) => [.. Draw(shape, 1).Select(x => 0.5f + Math.Abs(x))];

    private View Place(in Shape shape, float[] values, DType stored) => Own(stored switch
    {
        DType.BFloat16 => Tensor.From<BFloat16>(backend, Array.ConvertAll(values, x => (BFloat16)x), shape),
        DType.Float64 => Tensor.From<double>(backend, Array.ConvertAll(values, x => (double)x), shape),
        _ => Tensor.From<float>(backend, values, shape),
    });

    private View Own(Tensor tensor)
    {
        _tensors.Add(tensor);
        return tensor.View;
    }

    private double[] Read(View view)
    {
        Tensor tensor = _tensors.Single(t => t.View.Buffer == view.Buffer);
        return tensor.DType switch
        {
            DType.BFloat16 => Array.ConvertAll(tensor.ToArray<BFloat16>(), x => (double)(float)x),
            DType.Int32 => Array.ConvertAll(tensor.ToArray<int>(), x => (double)x),
            DType.Float64 => tensor.ToArray<double>(),
            _ => Array.ConvertAll(tensor.ToArray<float>(), x => (double)x),
        };
    }
}
