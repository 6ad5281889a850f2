namespace AutogradCore;

/// <summary>A dense tensor that its creator owns and disposes: inputs, parameters, gradients, results worth keeping.</summary>
/// <remarks>Activations are not tensors: they belong to their <see cref="Graph"/> and are
/// handled as <see cref="Value"/>.</remarks>
public sealed class Tensor : IDisposable
{
    private Buffer? _buffer;

    /// <summary>A tensor of undefined content on <paramref name="backend"/>.</summary>
    public Tensor(IBackend backend, in Shape shape, DType dtype = DType.Float32)
    {
        (Backend, Shape, DType) = (backend, shape, dtype);
        _buffer = backend.Memory.Rent((long)shape.ElementCount * dtype.Size());
    }

    private Tensor(DType dtype, IBackend backend, in Shape shape) => (Backend, Shape, DType) = (backend, shape, dtype);

    /// <summary>The backend whose memory holds the elements.</summary>
    public IBackend Backend { get; }

    /// <summary>The lengths of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>Grows whenever the elements change or go away: a graph that still reads them notices.</summary>
    public int Version { get; private set; }

    internal bool IsDisposed => _buffer is null;

    /// <summary>The elements, for kernels. Used after the tensor was disposed, the view throws; and a graph that still reads the
    /// tensor notices what <see cref="CopyFrom{T}"/> changes, but not what is written through a view.</summary>
    /// <exception cref="ObjectDisposedException">The tensor was disposed.</exception>
    public View View
    {
        get
        {
            ObjectDisposedException.ThrowIf(_buffer is null, this);
            return new View(_buffer.Value, DType, Shape);
        }
    }

    /// <summary>A tensor with the given elements in row-major order.</summary>
    /// <exception cref="ShapeMismatchException">The number of elements is not that of <paramref name="shape"/>.</exception>
    public static Tensor From<T>(IBackend backend, ReadOnlySpan<T> elements, in Shape shape) where T : unmanaged
    {
        Tensor tensor = new(backend, shape, DTypes.Of<T>());
        try
        {
            tensor.CopyFrom(elements);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Overwrites all elements.</summary>
    /// <exception cref="ShapeMismatchException">The number of elements differs.</exception>
    public void CopyFrom<T>(ReadOnlySpan<T> elements) where T : unmanaged
    {
        if (elements.Length != Shape.ElementCount)
            throw new ShapeMismatchException(
                $"{elements.Length} elements were given for a tensor of {Shape} ({Shape.ElementCount}).");
        Backend.Upload(elements, View);
        Touch();
    }

    /// <summary>Overwrites all elements with those of memory that the backend can read.</summary>
    /// <exception cref="ShapeMismatchException">The shape or element type differs.</exception>
    public void CopyFrom(in View elements)
    {
        if (elements.Shape != Shape || elements.DType != DType)
            throw new ShapeMismatchException($"{elements} was given for a tensor of {this}.");
        Backend.Copy(elements, Destination.Into(View));
        Touch();
    }

    /// <summary>A tensor that has memory only between <see cref="TakeMemory"/> and <see cref="GiveMemory"/>.</summary>
    internal static Tensor WithoutMemory(IBackend backend, in Shape shape, DType dtype) =>
        new(dtype, backend, shape);

    /// <summary>Takes memory of undefined content for a part of a step, if it has none.</summary>
    internal void TakeMemory() => _buffer ??= Backend.Memory.RentBriefly((long)Shape.ElementCount * DType.Size());

    /// <summary>Gives its memory back, if it has any.</summary>
    internal void GiveMemory()
    {
        _buffer?.Return();
        _buffer = null;
        Touch();
    }

    /// <summary>Notes that a kernel changed the elements.</summary>
    internal void Touch() => Version++;

    /// <summary>Copies the elements out, waiting for the backend where it must.</summary>
    public T[] ToArray<T>() where T : unmanaged
    {
        T[] elements = new T[Shape.ElementCount];
        Backend.Download<T>(View, elements);
        return elements;
    }

    /// <summary>Gives the memory back. Harmless when repeated.</summary>
    public void Dispose()
    {
        if (_buffer is not { } buffer) return;
        buffer.Return();
        _buffer = null;
        Touch();
        GC.SuppressFinalize(this);
    }

    /// <summary>Only reports that nobody disposed the tensor; its memory stays lent.</summary>
    ~Tensor() => Backend.Memory.ReportLeak(this);

    /// <summary>Type and shape as written in messages.</summary>
    public override string ToString() => $"{DType}{Shape}";
}
