using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

/// <summary>The base of the verb tests: opens the backend, and checks a verb writing and adding
/// against a computation in double.</summary>
[Parallelizable]
[TestFixtureSource(typeof(BackendCases), nameof(BackendCases.Floats))]
public abstract class BackendTests(BackendCase on)
{
    private const ulong Seed = 20_26;
    private Operands? _operands;
    private ulong _draws;

    protected IBackend B => Memory.Backend;

    protected DType DType => on.DType;

    protected bool IsEmulated => on.IsEmulated;

    /// <summary>The unit roundoff of the element type.</summary>
    protected double U => DType == DType.Float32 ? Math.ScaleB(1, -24) : Math.ScaleB(1, -53);

    private Operands Memory => _operands!;

    [SetUp]
    public void Open()
    {
        (_operands, _draws) = (null, 0);
        _operands = new Operands(on.Open());
    }

    [TearDown]
    public void Close() => _operands?.Dispose();

    /// <summary>Seeded standard normals, rounded to the element type so that the test and the
    /// backend read the same numbers.</summary>
    protected double[] Values(int count, double scale = 1)
    {
        double[] values = new double[count];
        RandomStream.Named(GetType().Name + TestContext.CurrentContext.Test.MethodName, Seed, _draws++).FillNormal(values, scale);
        return [.. values.Select(Round)];
    }

    protected double[] Values(in Shape shape, double scale = 1) => Values(shape.ElementCount, scale);

    /// <summary>Seeded integers in [0, bound).</summary>
    protected int[] Integers(int count, int bound)
    {
        RandomStream random = RandomStream.Named("integers" + TestContext.CurrentContext.Test.MethodName, Seed, _draws++);
        return [.. Enumerable.Range(0, count).Select(i => (int)random.Below(i, bound))];
    }

    protected double Round(double x) => DType == DType.Float32 ? (float)x : x;

    /// <summary>Puts values into the backend's memory, guarded on both sides.</summary>
    protected View Place(in Shape shape, double[] values, Layout layout = Layout.Dense, DType? dtype = null) =>
        Memory.Place(shape, values, layout, dtype ?? DType);

    protected View PlaceIntegers(in Shape shape, int[] values) =>
        Memory.Place(shape, [.. values.Select(v => (double)v)], Layout.Dense, DType.Int32);

    /// <summary>A view full of NaN, for results.</summary>
    protected View Blank(in Shape shape, Layout layout = Layout.Dense)
        => Place(shape, Repeat(double.NaN, shape.ElementCount), layout);

    /// <summary>What rows are measured by, such as means and log-sums: doubles beside every type.</summary>
    protected View Statistics(in Shape shape, double[]? values = null) =>
        Place(shape, values ?? Repeat(double.NaN, shape.ElementCount), dtype: DTypes.Statistics);

    protected double[] Read(in View view) => Memory.Read(view);

    protected static double[] Repeat(double value, int count) => [.. Enumerable.Repeat(value, count)];

    /// <summary>Runs a verb into NaN, again, and onto old values: right, the same bits twice, and added.</summary>
    protected void Check(in Shape shape, Expected[] expected, Action<Destination> verb, string context = "",
        Layout layout = Layout.Dense)
    {
        View y = Blank(shape, layout);
        verb(Into(y));
        double[] first = Read(y);
        Close(first, expected, $"{context} {shape} into");
        verb(Into(y));
        SameBits(Read(y), first, $"{context} {shape} a second time");

        double[] old = Values(shape);
        View sum = Place(shape, old, layout);
        verb(AddTo(sum));
        Close(Read(sum), [.. expected.Zip(old, (e, o) => e.On(o))], $"{context} {shape} added");
    }

    /// <summary>Runs a verb whose destination is the operand itself.</summary>
    protected void CheckInPlace(in Shape shape, double[] values, Expected[] expected, Action<View> verb)
    {
        View x = Place(shape, values);
        verb(x);
        Close(Read(x), expected, $"{shape} in place");
    }

    protected void Close(double[] actual, Expected[] expected, string context = "")
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length), context);
        for (int i = 0; i < actual.Length; i++)
        {
            (double value, double slack) = expected[i];
            double allowed = slack * U + 1e-42;
            if (actual[i].Equals(value) || Math.Abs(actual[i] - value) <= allowed) continue;
            Assert.Fail($"{context} {DType}, seed {Seed}: element {i} is {actual[i]:R}, expected {value:R} ± {allowed:E2}");
        }
    }

    protected static void SameBits(double[] actual, double[] expected, string context = "") =>
        Assert.That(actual.Select(BitConverter.DoubleToInt64Bits),
            Is.EqualTo(expected.Select(BitConverter.DoubleToInt64Bits)), context);
}
