extern alias simt;

using AutogradCore.Tests.Backends;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>The operands of one run of a verb: all start at a multiple of 16 bytes, or one of them some elements later.</summary>
internal sealed class Starts : IDisposable
{
    private readonly Operands _on;
    private readonly int _late, _by;
    private readonly DType? _stored;
    private readonly List<double[]> _results = [];
    private int _placed;

    private Starts(IBackend backend, int late, int by, DType? stored) =>
        (_on, _late, _by, _stored) = (new(backend, guard: 16), late, by, stored);

    public IBackend Backend => _on.Backend;

    /// <summary>One more operand of what its type can hold; in doubles on the reference backend, but for integers.</summary>
    public View Place(Shape shape, double[] values, DType dtype) => _on.Place(
        shape, dtype == DType.BFloat16 ? [.. values.Select(v => (double)(float)(BFloat16)(float)v)] : values, Layout.Dense,
        dtype.IsFloating() ? _stored ?? dtype : dtype, _placed++ == _late ? _by : 0);

    /// <summary>A result to be compared.</summary>
    public void Keep(params double[] result) => _results.Add(result);

    /// <summary>A result to be compared.</summary>
    public void Keep(View result) => Keep(Read(result));

    /// <summary>The elements of an operand.</summary>
    public double[] Read(View operand)
    {
        Backend.Synchronize();
        return _on.Read(operand);
    }

    /// <summary>Results are the reference's within so much of the larger of 1 and their size, and do not depend in any bit on
    /// where one operand starts.</summary>
    public static void Agree(double slack, Action<Starts> verb)
    {
        (double[] expected, int operands) = Run(new ReferenceBackend(), -1, 0, DType.Float64, verb);
        using SimtBackend kept = new(); // its device compiles kernels once
        (double[] found, _) = Run(new SimtBackend(kept.Device), -1, 0, null, verb);
        Assert.That(found, Has.Length.EqualTo(expected.Length));
        for (int i = 0; i < found.Length; i++)
            Assert.That(found[i], Is.EqualTo(expected[i]).Within(slack * Math.Max(1, Math.Abs(expected[i]))), $"[{i}]");
        for (int late = 0; late < operands; late++)
            foreach (int by in new[] { 1, 4 })
            {
                (double[] again, _) = Run(new SimtBackend(kept.Device), late, by, null, verb);
                Assert.That(again, Is.EqualTo(found), $"operand {late} starts {by} elements later");
            }
    }

    /// <summary>Normals, rounded to floats.</summary>
    public static double[] Values(int count, ulong seed)
    {
        double[] values = new double[count];
        RandomStream.Named("starts", seed).FillNormal(values, 1);
        return [.. values.Select(v => (double)(float)v)];
    }

    public void Dispose() => _on.Dispose();

    private static (double[] Results, int Operands) Run(
        IBackend backend, int late, int by, DType? stored, Action<Starts> verb)
    {
        using Starts on = new(backend, late, by, stored);
        verb(on);
        return ([.. on._results.SelectMany(r => r)], on._placed);
    }
}
