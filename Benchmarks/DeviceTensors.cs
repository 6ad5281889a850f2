using static AutogradCore.Destination;

namespace AutogradCore.Benchmarks;

/// <summary>Tensors on a device for one measurement, freed together.</summary>
/// <remarks>They hold normals: a chip that multiplies equal numbers draws less power, and so runs faster, than with a model's.
/// A million of them are repeated, since drawing them on the host takes longer than any measurement.</remarks>
internal sealed class DeviceTensors(IBackend backend) : IDisposable
{
    private const int Drawn = 1 << 20;

    private readonly List<Tensor> _tensors = [];

    /// <summary>Room for results.</summary>
    public View Empty(Shape shape, DType dtype)
    {
        Tensor tensor = new(backend, shape, dtype);
        _tensors.Add(tensor);
        return tensor.View;
    }

    /// <summary>Seeded normals.</summary>
    public View Normal(Shape shape, DType dtype, string name)
    {
        View all = Empty([shape.ElementCount], dtype);
        float[] values = new float[Math.Min(shape.ElementCount, Drawn)];
        RandomStream.Named(name, 1).FillNormal(values);
        using Tensor drawn = Tensor.From<float>(backend, values, [values.Length]);
        for (int at = 0; at < shape.ElementCount; at += values.Length)
        {
            int count = Math.Min(values.Length, shape.ElementCount - at);
            backend.Cast(drawn.View.Slice(0, 0, count), Into(all.Slice(0, at, count)));
        }
        return all.Reshape(shape);
    }

    /// <summary>Row i belongs to class i, again from 0 after the last.</summary>
    public View Targets(int rows, int classes)
    {
        Tensor tensor = Tensor.From<int>(backend, [.. Enumerable.Range(0, rows).Select(i => i % classes)], [rows]);
        _tensors.Add(tensor);
        return tensor.View;
    }

    /// <summary>Frees them.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors) tensor.Dispose();
    }
}
