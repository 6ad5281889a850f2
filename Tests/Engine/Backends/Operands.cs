using NUnit.Framework;

namespace AutogradCore.Tests.Backends;

/// <summary>How the elements of an operand lie in memory.</summary>
public enum Layout
{
    /// <summary>Row-major without gaps.</summary>
    Dense,

    /// <summary>The two inner axes are stored the other way round.</summary>
    Transposed,

    /// <summary>Each row has a guard before and after it.</summary>
    Padded,
}

/// <summary>Operands of one test between guards, three elements by default so that they start at odd offsets; closing checks the
/// guards and that nothing leaks.</summary>
public sealed class Operands(IBackend backend, int guard = 3) : IDisposable
{
    private readonly List<(Tensor Tensor, View View)> _placed = [];

    public IBackend Backend => backend;

    /// <summary>An operand, <paramref name="later"/> elements after its guard.</summary>
    public View Place(in Shape shape, double[] values, Layout layout, DType dtype, int later = 0)
    {
        Shape storage = layout switch
        {
            Layout.Transposed => shape.With(shape.Rank - 2, shape[^1]).With(shape.Rank - 1, shape[^2]),
            Layout.Padded => shape.With(shape.Rank - 1, shape[^1] + 2),
            _ => shape,
        };
        Tensor tensor = new(backend, [storage.ElementCount + later + 2 * guard], dtype);
        View all = tensor.View.Slice(0, guard + later, storage.ElementCount).Reshape(storage);
        View view = layout switch
        {
            Layout.Transposed => all.T,
            Layout.Padded => all.Slice(shape.Rank - 1, 1, shape[^1]),
            _ => all,
        };
        double[] content = [.. Enumerable.Repeat(GuardValue(dtype), tensor.Shape.ElementCount)];
        foreach ((int offset, double value) in Offsets(view).Zip(values)) content[offset] = value;
        Upload(content, tensor);
        _placed.Add((tensor, view));
        return view;
    }

    /// <summary>The elements of a view in row-major order, whatever its strides.</summary>
    public double[] Read(View view)
    {
        double[] content = Download(_placed.Single(p => p.View.Buffer == view.Buffer).Tensor);
        return [.. Offsets(view).Select(offset => content[offset])];
    }

    public void Dispose()
    {
        bool passed = TestContext.CurrentContext.Result.Outcome.Status != NUnit.Framework.Interfaces.TestStatus.Failed;
        foreach ((Tensor tensor, View view) in _placed)
        {
            double[] content = Download(tensor);
            HashSet<int> inside = [.. Offsets(view)];
            for (int i = 0; i < content.Length && passed; i++)
                if (!inside.Contains(i))
                    Assert.That(content[i], Is.EqualTo(GuardValue(tensor.DType)), $"guard {i} around {view} was overwritten");
            tensor.Dispose();
        }
        if (passed) Assert.That(backend.Memory.Outstanding, Is.Zero, "a verb keeps memory it rented");
        backend.Dispose();
    }

    private static double GuardValue(DType dtype) => dtype.IsFloating() ? double.NaN : 77;

    private static IEnumerable<int> Offsets(View view)
    {
        for (int i = 0; i < view.Shape.ElementCount; i++)
        {
            int rest = i, offset = view.Offset;
            for (int axis = view.Shape.Rank - 1; axis >= 0; rest /= view.Shape[axis--])
                offset += rest % view.Shape[axis] * view.Stride(axis);
            yield return offset;
        }
    }

    private static void Upload(double[] content, Tensor tensor)
    {
        switch (tensor.DType)
        {
            case DType.Float32: tensor.CopyFrom<float>([.. content.Select(x => (float)x)]); break;
            case DType.Float64: tensor.CopyFrom<double>(content); break;
            case DType.BFloat16: tensor.CopyFrom<BFloat16>([.. content.Select(x => (BFloat16)(float)x)]); break;
            case DType.Int32: tensor.CopyFrom<int>([.. content.Select(x => (int)x)]); break;
            default: tensor.CopyFrom<byte>([.. content.Select(x => (byte)x)]); break;
        }
    }

    private static double[] Download(Tensor tensor) => tensor.DType switch
    {
        DType.Float32 => [.. tensor.ToArray<float>().Select(x => (double)x)],
        DType.Float64 => tensor.ToArray<double>(),
        DType.BFloat16 => [.. tensor.ToArray<BFloat16>().Select(x => (double)(float)x)],
        DType.Int32 => [.. tensor.ToArray<int>().Select(x => (double)x)],
        _ => [.. tensor.ToArray<byte>().Select(x => (double)x)],
    };
}
